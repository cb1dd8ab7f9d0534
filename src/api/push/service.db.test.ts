import { sql } from 'slonik'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openTestDatabase, type TestPool } from '../../../test/support/database.ts'
import { isCaughtUp, publish, said, startPush, subscribe } from './fixtures.ts'

let database: TestPool
beforeEach(async () => {
  database = await openTestDatabase()
})
afterEach(() => database[Symbol.asyncDispose]())

const newEpoch = () =>
  database.db.query(sql.type(z.object({}))`UPDATE backend.push_state SET epoch = gen_random_uuid(), last_position = 0`)

const positionOf = ({ cursor }: { cursor: string }) => Number(cursor.split('.')[1])

describe('a stream', () => {
  it('without a cursor gets everything that is held, then what comes', async () => {
    await using push = await startPush(database)
    await publish(database.db, 'a')
    await publish(database.db, 'b')
    await push.flush()
    await using gateway = subscribe(push)
    expect((await gateway.replay()).map(said)).toEqual(['position', 'a', 'b', 'caught-up'])
    await publish(database.db, 'c')
    expect(said(await gateway.next())).toBe('c')
  })

  it('with a cursor gets what came after it, once', async () => {
    await using push = await startPush(database)
    for (const reason of ['a', 'b', 'c']) await publish(database.db, reason)
    await push.flush()
    const all = await subscribe(push).replay()
    for (const [index, { cursor }] of all.entries()) {
      await using gateway = subscribe(push, cursor)
      const events = ['a', 'b', 'c'].slice(Math.min(index, 3))
      expect((await gateway.replay()).map(said)).toEqual(['position', ...events, 'caught-up'])
    }
  })

  it('hears of an event within a moment, long before anybody polls', async () => {
    await using push = await startPush(database, { pollMs: 60_000 })
    await using gateway = subscribe(push)
    await gateway.replay()
    const startedAtMs = performance.now()
    await publish(database.db, 'quick')
    expect(said(await gateway.next())).toBe('quick')
    expect(performance.now() - startedAtMs).toBeLessThan(20_000)
  })

  it('resumes on another replica, and after a restart of the api (abuse 77)', async () => {
    const before = await startPush(database)
    await publish(database.db, 'a')
    await before.flush()
    const cursor = (await subscribe(before).replay()).at(-1)?.cursor
    await before[Symbol.asyncDispose]()
    await publish(database.db, 'b')
    await using after = await startPush(database)
    await using gateway = subscribe(after, cursor)
    expect((await gateway.replay()).map(said)).toEqual(['position', 'b', 'caught-up'])
  })

  it('whose cursor is newer than what this replica has read goes on from there', async () => {
    await using quick = await startPush(database)
    await using slow = await startPush(database, { pollMs: 60_000, databaseUrl: 'postgres://127.0.0.1:1/nowhere' })
    await publish(database.db, 'a')
    await quick.flush()
    const cursor = (await subscribe(quick).replay()).at(-1)?.cursor
    await using gateway = subscribe(slow, cursor)
    expect((await gateway.replay()).map(said)).toEqual(['position', 'caught-up'])
  })

  it.each([
    { what: 'nonsense', cursor: () => 'nonsense', reason: 'bad_cursor' },
    { what: 'of another epoch', cursor: () => '5f0c1f6e-0000-4000-8000-000000000000.1', reason: 'unknown_epoch' },
    { what: 'forged', cursor: (text: string) => text.replace(/\d+$/, '999'), reason: 'cursor_ahead' },
    { what: 'older than what is held', cursor: (text: string) => text.replace(/\d+$/, '1'), reason: 'cursor_too_old' },
  ])('whose cursor is $what begins with a gap and goes on from now (abuse 77)', async ({ cursor, reason }) => {
    await using push = await startPush(database, { limits: { events: 3, bytes: 100_000 } })
    for (const event of ['a', 'b', 'c', 'd', 'e']) await publish(database.db, event)
    await push.flush()
    const last = (await subscribe(push).replay()).at(-1)?.cursor ?? ''
    await using gateway = subscribe(push, cursor(last))
    const frames = await gateway.replay()
    expect(frames.map(said)).toEqual([`gap:${reason}`, 'caught-up'])
    expect(frames.map((frame) => frame.cursor)).toEqual([last, last])
    await publish(database.db, 'f')
    expect(said(await gateway.next())).toBe('f')
  })

  it('shows when it is silent that it lives', async () => {
    await using push = await startPush(database, { heartbeatMs: 20 })
    await using gateway = subscribe(push)
    await gateway.replay()
    expect((await gateway.take(3)).every(isCaughtUp)).toBe(true)
  })

  it('breaks off rather than show that it lives while the outbox cannot be read (abuse 34)', async () => {
    await using push = await startPush(database, { heartbeatMs: 50, staleMs: 2000, pollMs: 20 })
    await using gateway = subscribe(push)
    await gateway.replay()
    await database.db.transaction(async (tx) => {
      await tx.query(sql.type(z.object({}))`LOCK TABLE backend.push_state IN ACCESS EXCLUSIVE MODE`)
      const untilItEnds = async () => {
        for (;;) await gateway.next()
      }
      await expect(untilItEnds()).rejects.toMatchObject({ kind: 'unavailable', reason: 'push_behind' })
      await expect(subscribe(push).next()).rejects.toMatchObject({ reason: 'push_behind' })
    })
  })

  it('that does not keep up is ended, and holds nothing while it does not read (abuse 73)', async () => {
    await using push = await startPush(database, { limits: { events: 5, bytes: 100_000 } })
    await using slow = subscribe(push)
    await slow.replay()
    for (let n = 0; n < 20; n += 1) await publish(database.db, String(n))
    await using quick = subscribe(push)
    await push.flush()
    expect((await quick.replay()).map(said)).toEqual(['position', '15', '16', '17', '18', '19', 'caught-up'])
    await expect(slow.next()).rejects.toMatchObject({ kind: 'throttled', reason: 'too_slow' })
  })

  it('ends when the database is replaced by another; its cursor is a gap then', async () => {
    await using push = await startPush(database, { pollMs: 10 })
    await publish(database.db, 'a')
    await push.flush()
    await using gateway = subscribe(push)
    const { cursor = '' } = (await gateway.replay()).at(-1) ?? {}
    await newEpoch()
    await expect(gateway.next()).rejects.toMatchObject({ kind: 'unavailable', reason: 'outbox_replaced' })
    await using again = subscribe(push, cursor)
    expect((await again.replay()).map(said)).toEqual(['gap:unknown_epoch', 'caught-up'])
  })

  it('ends when the api shuts down, after it was given what is committed (abuse 81)', async () => {
    await using push = await startPush(database)
    await using gateway = subscribe(push)
    await gateway.replay()
    const next = gateway.next()
    await publish(database.db, 'last words')
    await push.flush()
    push.endStreams()
    expect(said(await next)).toBe('last words')
    await expect(gateway.next()).rejects.toMatchObject({ kind: 'unavailable', reason: 'shutting_down' })
    await expect(subscribe(push).replay()).rejects.toMatchObject({ reason: 'shutting_down' })
  })
})

describe('the database', () => {
  it('is asked to start, and a start without it fails', async () => {
    await database.db.query(sql.type(z.object({}))`DROP TABLE backend.push_state`)
    await expect(startPush(database)).rejects.toThrow('push_state')
  })

  it('may cut every connection: streams go on, and nothing is lost (abuse 83)', async () => {
    await using push = await startPush(database, { pollMs: 20 })
    await using gateway = subscribe(push)
    await gateway.replay()
    await database.db
      .query(
        sql.type(
          z.object({}),
        )`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()`,
      )
      .catch(() => undefined)
    await publish(database.db, 'after all')
    const frame = await gateway.next()
    expect([said(frame), positionOf(frame)]).toEqual(['after all', 1])
  })
})
