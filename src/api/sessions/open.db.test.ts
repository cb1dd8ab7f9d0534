import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openTestDatabase, type TestPool } from '../../../test/support/database.ts'
import { someKey, someUser, startSessions, toldTo } from './fixtures.ts'

const limits = { idleMs: 30_000, absoluteMs: 180_000, maxPerUser: 3 }

let database: TestPool
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

const start = () => startSessions(database.db, limits)

describe('opening a session', () => {
  it('tells the user’s other devices', async () => {
    const { db } = database
    const userId = await someUser(db)
    const { open } = start()
    const first = await open(userId)
    expect(await toldTo(db, userId)).toEqual([])
    const second = await open(userId, { deviceLabel: 'phone' })
    const payload = { session_id: second, device_label: 'phone' }
    expect(await toldTo(db, userId)).toEqual([
      { kind: 'client_event', to: first, type: 'user.session.created', payload },
    ])
  })

  it('with the same key replaces the session that had it', async () => {
    const { db } = database
    const userId = await someUser(db)
    const { open, sessions } = start()
    const publicKey = someKey()
    const first = await open(userId, { publicKey })
    const second = await open(userId, { publicKey })
    expect((await sessions.lookUp(first)).endedBy).toBe('superseded')
    expect((await sessions.lookUp(second)).endedBy).toBeNull()
    expect(await toldTo(db, userId)).toEqual([
      { kind: 'session_invalidation', to: first, type: null, payload: { reason: 'superseded' } },
      {
        kind: 'client_event',
        to: null,
        type: 'user.session.revoked',
        payload: { session_id: first, reason: 'superseded' },
      },
    ])
  })

  it('with the key of another user is refused, and changes nothing', async () => {
    const { db } = database
    const [ada, bob] = [await someUser(db), await someUser(db)]
    const { open, sessions } = start()
    const publicKey = someKey()
    const first = await open(ada, { publicKey })
    await expect(open(bob, { publicKey })).rejects.toMatchObject({ kind: 'conflict', reason: 'key_in_use' })
    expect((await sessions.lookUp(first)).endedBy).toBeNull()
    expect(await toldTo(db, bob)).toEqual([])
  })

  it('with a key that another user’s session had until it ended is allowed', async () => {
    const { db } = database
    const [ada, bob] = [await someUser(db), await someUser(db)]
    const { open, sessions, pass } = start()
    const publicKey = someKey()
    const first = await open(ada, { publicKey })
    pass(limits.idleMs)
    const second = await open(bob, { publicKey })
    expect((await sessions.lookUp(first)).endedBy).toBe('expired')
    expect((await sessions.lookUp(second)).endedBy).toBeNull()
  })

  it('beyond the maximum ends the oldest', async () => {
    const { db } = database
    const userId = await someUser(db)
    const { open, sessions, pass } = start()
    const opened = []
    for (let n = 0; n < 5; n += 1) {
      opened.push(await open(userId))
      pass(1000)
    }
    const ended = await Promise.all(opened.map(async (id) => (await sessions.lookUp(id)).endedBy))
    expect(ended).toEqual(['superseded', 'superseded', null, null, null])
    const cut = (await toldTo(db, userId)).filter(({ kind }) => kind === 'session_invalidation')
    expect(cut.map(({ to }) => to)).toEqual(opened.slice(0, 2))
  })

  it('many times at once leaves the maximum, the key of one used once', async () => {
    const { db } = database
    const userId = await someUser(db)
    const { open, sessions } = start()
    const publicKey = someKey()
    const opened = await Promise.all([
      ...Array.from({ length: 4 }, () => open(userId, { publicKey })),
      ...Array.from({ length: 4 }, () => open(userId)),
    ])
    const ended = await Promise.all(opened.map(async (id) => (await sessions.lookUp(id)).endedBy))
    expect(ended.filter((reason) => reason === null)).toHaveLength(limits.maxPerUser)
  })

  it('writes down that others have run out, and does not count them', async () => {
    const { db } = database
    const userId = await someUser(db)
    const { open, pass } = start()
    const idle = await open(userId)
    pass(limits.idleMs)
    await open(userId)
    const row = await db.one(sql.type(z.object({ status: z.string(), reason: z.string() }))`
      SELECT status, revoke_reason AS reason FROM backend.device_sessions WHERE id = ${idle}
    `)
    expect(row).toEqual({ status: 'revoked', reason: 'expired' })
    expect((await toldTo(db, userId)).map(({ type, to }) => ({ type, to }))).toEqual([
      { type: null, to: idle },
      { type: 'user.session.revoked', to: null },
    ])
  })
})
