import { randomUUID } from 'node:crypto'
import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openTestDatabase, type TestPool } from '../../../test/support/database.ts'
import { someUser, startSessions } from './fixtures.ts'
import { keepEndedMs } from './model.ts'

const dayMs = 86_400_000
const limits = { idleMs: 30 * dayMs, absoluteMs: 180 * dayMs, maxPerUser: 10 }
const unknown = { reason: 'session_not_found' }

let database: TestPool
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

const start = () => startSessions(database.db, limits)
const none = z.object({})

/** A code that was used to open the session. */
function useCode(sessionId: string) {
  return database.db.query(sql.type(none)`
    INSERT INTO backend.auth_challenges
      (id, email, email_canonical, locale, code_mac, pepper_kid, created_at, expires_at, consumed_at, result_session)
    VALUES
      (${randomUUID()}, 'a@example.com', 'a@example.com', 'en', ${sql.binary(Buffer.alloc(32))}, 'k', now(), now(),
       now(), ${sessionId})
  `)
}

const codesOf = (sessionId: string) =>
  database.db.any(sql.type(none)`SELECT id FROM backend.auth_challenges WHERE result_session = ${sessionId}`)

describe('a session that has ended', () => {
  it.each(['revoked', 'run out'])('is forgotten a month after it was %s, with the code that opened it', async (how) => {
    const { sessions, open, pass } = start()
    const id = await open(await someUser(database.db))
    await useCode(id)
    if (how === 'revoked') await sessions.revoke(id, 'admin')
    else pass(limits.idleMs)
    pass(keepEndedMs - 1)
    await sessions.forgetEnded(500)
    expect((await sessions.lookUp(id)).endedBy).toBe(how === 'revoked' ? 'admin' : 'expired')
    pass(1)
    expect(await sessions.forgetEnded(500)).toBeGreaterThan(0)
    await expect(sessions.lookUp(id)).rejects.toMatchObject(unknown)
    expect(await codesOf(id)).toEqual([])
    expect(await sessions.forgetEnded(500)).toBe(0)
  })

  it('by its age, however much it was used, is forgotten a month later, too', async () => {
    const { sessions, open, pass } = start()
    const id = await open(await someUser(database.db))
    for (let day = 0; day < 180; day += 20) {
      await sessions.lookUp(id)
      await sessions.settled()
      pass(20 * dayMs)
    }
    expect((await sessions.lookUp(id)).endedBy).toBe('expired')
    pass(keepEndedMs)
    await sessions.forgetEnded(500)
    await expect(sessions.lookUp(id)).rejects.toMatchObject(unknown)
  })
})

describe('forgetting', () => {
  it('leaves every session alone that is in use, and its code', async () => {
    const { sessions, open, pass } = start()
    const userId = await someUser(database.db)
    const [used, ended] = [await open(userId), await open(userId)]
    await useCode(used)
    await sessions.revoke(ended, 'user')
    for (let day = 0; day < 120; day += 20) {
      pass(20 * dayMs)
      expect((await sessions.lookUp(used)).endedBy).toBeNull()
      await sessions.settled()
      await sessions.forgetEnded(500)
    }
    expect(await codesOf(used)).toHaveLength(1)
    await expect(sessions.lookUp(ended)).rejects.toMatchObject(unknown)
  })

  it('by two replicas at once takes each session once, in batches', async () => {
    const { sessions, open, pass } = start()
    const userId = await someUser(database.db)
    for (let n = 0; n < 20; n += 1) await open(userId)
    await sessions.revokeAll(userId, 'admin')
    pass(keepEndedMs)
    expect(await sessions.forgetEnded(3)).toBe(3)
    const forgotten = await Promise.all(
      ['one', 'other'].map(async () => {
        let sum = 0
        for (let more = await sessions.forgetEnded(4); more > 0; more = await sessions.forgetEnded(4)) sum += more
        return sum
      }),
    )
    expect(forgotten.reduce((sum, count) => sum + count, 3)).toBe(20)
  })
})
