import { randomUUID } from 'node:crypto'
import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openTestDatabase, type TestPool } from '../../../test/support/database.ts'
import { someKey, someUser, startSessions, toldTo } from './fixtures.ts'
import { defaultSessionLimits } from './model.ts'
import { touchSession } from './store.ts'

const minuteMs = 60_000
const dayMs = 86_400_000

let database: TestPool
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

const start = () => startSessions(database.db, defaultSessionLimits)

const lastSeen = (id: string) =>
  database.db.oneFirst(sql.type(z.object({ at: z.coerce.date() }))`
    SELECT last_seen_at AS at FROM backend.device_sessions WHERE id = ${id}
  `)

describe('looking a session up', () => {
  it('gives what a signature is checked with', async () => {
    const userId = await someUser(database.db)
    const { open, sessions } = start()
    const publicKey = someKey()
    const id = await open(userId, { publicKey })
    const found = await sessions.lookUp(id)
    expect(found).toMatchObject({ id, userId, endedBy: null, expiresAt: new Date('2026-03-31T12:00:00.000Z') })
    expect(new Uint8Array(found.publicKey)).toEqual(publicKey)
  })

  it('tells an unknown one from one that has ended', async () => {
    const { open, sessions, pass } = start()
    const id = await open(await someUser(database.db))
    await expect(sessions.lookUp(randomUUID())).rejects.toMatchObject({ kind: 'missing', reason: 'session_not_found' })
    pass(30 * dayMs)
    expect((await sessions.lookUp(id)).endedBy).toBe('expired')
  })

  it('keeps it alive, for half a year at most', async () => {
    const { open, sessions, pass } = start()
    const id = await open(await someUser(database.db))
    for (let month = 0; month < 6; month += 1) {
      pass(29 * dayMs)
      expect((await sessions.lookUp(id)).endedBy).toBeNull()
      await sessions.settled()
    }
    pass(6 * dayMs)
    expect((await sessions.lookUp(id)).endedBy).toBe('expired')
  })

  it('writes at most once a minute that it was seen', async () => {
    const { open, sessions, pass } = start()
    const id = await open(await someUser(database.db))
    const opened = await lastSeen(id)
    pass(minuteMs - 1)
    await sessions.lookUp(id)
    await sessions.settled()
    expect(await lastSeen(id)).toEqual(opened)
    pass(1)
    await Promise.all([sessions.lookUp(id), sessions.lookUp(id)])
    await sessions.settled()
    expect(await lastSeen(id)).toEqual(new Date(opened.getTime() + minuteMs))
  })

  it('writes it once when two replicas find at the same time that it is due', async () => {
    const { open } = start()
    const id = await open(await someUser(database.db))
    const opened = (await lastSeen(id)).getTime()
    for (const afterMs of [minuteMs, minuteMs + 500]) {
      const [now, notAfter] = [new Date(opened + afterMs), new Date(opened + afterMs - minuteMs)]
      await touchSession(database.db, { id, now, notAfter })
    }
    expect(await lastSeen(id)).toEqual(new Date(opened + minuteMs))
  })

  it('does not wait for that to be written', async () => {
    const { open, sessions, pass } = start()
    const id = await open(await someUser(database.db))
    pass(minuteMs)
    const [locked, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const locking = database.db.transaction(async (tx) => {
      await tx.query(sql.type(z.object({}))`SELECT FROM backend.device_sessions WHERE id = ${id} FOR UPDATE`)
      locked.resolve()
      await release.promise
    })
    await locked.promise
    expect((await sessions.lookUp(id)).endedBy).toBeNull()
    release.resolve()
    await locking
    await sessions.settled()
  })

  it('does not bring one back that has ended', async () => {
    const { open, sessions, pass } = start()
    const id = await open(await someUser(database.db))
    const opened = await lastSeen(id)
    pass(30 * dayMs)
    await sessions.lookUp(id)
    await sessions.settled()
    expect(await lastSeen(id)).toEqual(opened)
  })

  it('shows at once what another replica has revoked', async () => {
    const [here, there] = [start(), start()]
    const id = await here.open(await someUser(database.db))
    expect((await here.sessions.lookUp(id)).endedBy).toBeNull()
    await there.sessions.revoke(id, 'admin')
    expect((await here.sessions.lookUp(id)).endedBy).toBe('admin')
  })
})

describe('a user', () => {
  async function withDevices(count: number) {
    const userId = await someUser(database.db)
    const started = start()
    const ids: string[] = []
    for (let n = 0; n < count; n += 1) {
      ids.push(await started.open(userId, { deviceLabel: `device ${n}` }))
      started.pass(1000)
    }
    const as = (n: number) => ({ userId, deviceSessionId: ids[n] ?? '' })
    return { ...started, userId, ids, as }
  }

  it('sees the devices that are signed in, the most recently seen first', async () => {
    const { sessions, as, ids, pass } = await withDevices(3)
    pass(minuteMs)
    await sessions.lookUp(ids[1] ?? '')
    await sessions.settled()
    const list = await sessions.list(as(0))
    expect(list.map(({ device_label, current }) => ({ device_label, current }))).toEqual([
      { device_label: 'device 1', current: false },
      { device_label: 'device 2', current: false },
      { device_label: 'device 0', current: true },
    ])
    pass(30 * dayMs)
    expect(await sessions.list(as(0))).toEqual([])
  })

  it('signs one device out, once', async () => {
    const { sessions, as, ids, userId } = await withDevices(2)
    const [, other = ''] = ids
    const before = await toldTo(database.db, userId)
    expect(await sessions.revokeOwn(as(0), other)).toBe(1)
    expect(await sessions.revokeOwn(as(0), other)).toBe(0)
    expect((await sessions.lookUp(other)).endedBy).toBe('user')
    expect((await toldTo(database.db, userId)).slice(before.length)).toEqual([
      { kind: 'session_invalidation', to: other, type: null, payload: { reason: 'user' } },
      { kind: 'client_event', to: null, type: 'user.session.revoked', payload: { session_id: other, reason: 'user' } },
    ])
  })

  it('cannot sign out somebody else’s device, nor learn that it is there (abuse 39)', async () => {
    const [mine, theirs] = [await withDevices(1), await withDevices(1)]
    const [victim = ''] = theirs.ids
    const unknown = await mine.sessions.revokeOwn(mine.as(0), randomUUID()).catch((error: unknown) => error)
    expect(unknown).toMatchObject({ kind: 'missing', reason: 'session_not_found' })
    await expect(mine.sessions.revokeOwn(mine.as(0), victim)).rejects.toEqual(unknown)
    expect((await theirs.sessions.lookUp(victim)).endedBy).toBeNull()
    expect(await toldTo(database.db, theirs.userId)).toEqual([])
  })

  it('signs all devices out but this one', async () => {
    const [{ sessions, as, ids }, theirs] = [await withDevices(3), await withDevices(1)]
    expect(await sessions.revokeOthers(as(1))).toBe(2)
    expect(await sessions.revokeOthers(as(1))).toBe(0)
    expect((await sessions.list(as(1))).map(({ id }) => id)).toEqual([ids[1]])
    expect(await theirs.sessions.list(theirs.as(0))).toHaveLength(1)
  })

  it('signs this device out', async () => {
    const { sessions, as, ids } = await withDevices(2)
    expect(await sessions.logOut(as(0))).toBe(1)
    expect((await sessions.lookUp(ids[0] ?? '')).endedBy).toBe('logout')
    expect((await sessions.lookUp(ids[1] ?? '')).endedBy).toBeNull()
  })

  it('loses all sessions at once when the platform says so', async () => {
    const { sessions, as, ids, userId } = await withDevices(2)
    expect(await sessions.revokeAll(userId, 'permanent_block')).toBe(2)
    expect(await sessions.list(as(0))).toEqual([])
    const cut = (await toldTo(database.db, userId)).filter(({ kind }) => kind === 'session_invalidation')
    expect(new Set(cut.map(({ to }) => to))).toEqual(new Set(ids))
  })

  it('keeps the session when nobody can be told that it was revoked', async () => {
    await using own = await openTestDatabase()
    const { open, sessions } = startSessions(own.db, defaultSessionLimits)
    const id = await open(await someUser(own.db))
    await own.db.query(sql.type(z.object({}))`ALTER TABLE backend.push_outbox RENAME TO gone`)
    await expect(sessions.revoke(id, 'admin')).rejects.toThrow('push_outbox')
    expect((await sessions.lookUp(id)).endedBy).toBeNull()
  })
})
