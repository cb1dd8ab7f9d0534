import { randomUUID } from 'node:crypto'
import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openTestDatabase, type TestPool } from '../../../test/support/database.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { systemClock } from '../../platform/clock.ts'
import { silentLog } from '../../platform/log.ts'
import { createMetrics } from '../../platform/metrics.ts'
import { publish, said, startPush, subscribe, userId } from './fixtures.ts'
import { createPushService } from './service.ts'
import { publishEvent, publishInvalidation, readState, trimRows } from './store.ts'

let database: TestPool
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

const count = () =>
  database.db.oneFirst(sql.type(z.object({ n: z.coerce.number() }))`SELECT count(*) AS n FROM backend.push_outbox`)

describe('the outbox', () => {
  it('tells what is committed, with everything that was said of it', async () => {
    await using push = await startPush(database)
    await using gateway = subscribe(push)
    await gateway.replay()
    const now = new Date('2026-01-21T10:00:00.123Z')
    const deviceSessionId = randomUUID()
    const game = { game_id: randomUUID(), name: 'g1' }
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    await publishEvent(database.db, { userId, eventType: 'game.paused', payload: game, now, traceId })
    await publishInvalidation(database.db, { userId, deviceSessionId, reason: 'logout', now })
    const [event, invalidation] = await gateway.take(2)
    expect(event).toMatchObject({ createdMs: BigInt(now.getTime()), kind: { case: 'clientEvent' } })
    expect(event?.kind.value).toMatchObject({ userId, deviceSessionId: '', eventType: 'game.paused', traceId })
    expect(invalidation?.kind).toMatchObject({
      case: 'sessionInvalidation',
      value: { userId, deviceSessionId, reason: 'logout' },
    })
  })

  it('tells nothing of a transaction that is rolled back', async () => {
    await using push = await startPush(database)
    await using gateway = subscribe(push)
    await gateway.replay()
    const failed = database.db.transaction(async (tx) => {
      await publish(tx, 'never')
      throw new Error('changed my mind')
    })
    await expect(failed).rejects.toThrow('changed my mind')
    await publish(database.db, 'afterwards')
    expect(said(await gateway.next())).toBe('afterwards')
  })

  it.each([
    {
      what: 'a payload that the catalogue does not know',
      payload: { session_id: 'x', reason: 'y' },
      problem: 'Invalid UUID',
    },
    {
      what: 'a payload that is too large',
      payload: { session_id: randomUUID(), reason: 'y'.repeat(20_000) },
      problem: /has 20\d{3} bytes/,
    },
  ])('refuses $what (abuse 78)', async ({ payload, problem }) => {
    const before = await count()
    const event = { userId, eventType: 'user.session.revoked' as const, payload, now: new Date() }
    await expect(publishEvent(database.db, event)).rejects.toThrow(problem)
    expect(await count()).toBe(before)
  })

  it('keeps nothing of a payload that the catalogue does not name', async () => {
    await using push = await startPush(database)
    await using gateway = subscribe(push)
    await gateway.replay()
    const payload = { game_id: randomUUID(), name: 'g1', secret: 'key' }
    await publishEvent(database.db, { userId, eventType: 'game.paused', payload, now: new Date() })
    const { kind } = await gateway.next()
    expect(kind.case === 'clientEvent' && new TextDecoder().decode(kind.value.payloadBytes)).not.toContain('secret')
  })

  it('forgets what is old, but never the newest', async () => {
    await using push = await startPush(database)
    for (const reason of ['a', 'b', 'c', 'd', 'e']) await publish(database.db, reason)
    await push.flush()
    await trimRows(database.db, { before: new Date(Date.now() - 3_600_000), keep: 0 })
    expect(await count()).toBeGreaterThanOrEqual(5)
    await trimRows(database.db, { before: new Date(Date.now() + 1000), keep: 3 })
    expect(await count()).toBe(3)
    await using again = await startPush(database)
    await using gateway = subscribe(again)
    expect((await gateway.replay()).map(said)).toEqual(['position', 'c', 'd', 'e', 'caught-up'])
  })
})

describe('a row that cannot be read', () => {
  it('is passed over and counted; streams start over, and what follows is told', async () => {
    await using own = await openTestDatabase()
    const metrics = createMetrics({ runtime: false })
    await using push = await startPush(own, { pollMs: 10, metrics })
    await using gateway = subscribe(push)
    await gateway.replay()
    // As a newer version of the product may write it.
    await own.db.query(sql.unsafe`ALTER TABLE backend.push_outbox DROP CONSTRAINT push_outbox_kind_check`)
    await own.db.query(sql.unsafe`
      INSERT INTO backend.push_outbox (kind, user_id, payload, created_at)
      VALUES ('of the future', ${userId}, '{}', now())
    `)
    await expect(gateway.next()).rejects.toMatchObject({ reason: 'too_slow' })
    await publish(own.db, 'afterwards')
    await using again = subscribe(push)
    await eventually(() => push.ready())
    expect((await again.take(3)).map(said)).toContain('afterwards')
    expect(await metrics.metrics()).toContain('push_unreadable_rows_total 1')
  })
})

describe('an event whose words no table can hold', () => {
  it('is told without them', async () => {
    await using push = await startPush(database)
    await using gateway = subscribe(push)
    await gateway.replay()
    await publish(database.db, 'nul \0 and \uD800')
    expect(said(await gateway.next())).toBe('nul \uFFFD and \uFFFD')
  })
})

describe('numbering', () => {
  it('loses no row of transactions that commit in another order than they wrote (abuse 96)', async () => {
    await using push = await startPush(database, { pollMs: 10 })
    await using gateway = subscribe(push)
    await gateway.replay()
    const firstMayCommit = Promise.withResolvers<void>()
    const firstHasWritten = Promise.withResolvers<void>()
    const first = database.db.transaction(async (tx) => {
      await publish(tx, 'written first')
      firstHasWritten.resolve()
      await firstMayCommit.promise
    })
    await firstHasWritten.promise
    await publish(database.db, 'committed first')
    expect(said(await gateway.next())).toBe('committed first')
    firstMayCommit.resolve()
    await first
    expect(said(await gateway.next())).toBe('written first')
  })

  it('by two feeders at once is one sequence, the same for both, in the order of each user’s writes', async () => {
    await using push = await startPush(database, { pollMs: 5 })
    await using other = await startPush(database, { pollMs: 5 })
    await using gateway = subscribe(push)
    await using elsewhere = subscribe(other)
    await Promise.all([gateway.replay(), elsewhere.replay()])
    const writers = ['a', 'b', 'c', 'd']
    const write = async (writer: string) => {
      for (let n = 0; n < 50; n += 1) await publish(database.db, `${writer}${n}`)
    }
    await Promise.all(writers.map(write))
    const [here, there] = await Promise.all([gateway.take(200), elsewhere.take(200)])
    expect(there).toEqual(here)
    expect(new Set(here.map(({ cursor }) => cursor)).size).toBe(200)
    for (const writer of writers) {
      const own = here.map(said).filter((reason) => reason.startsWith(writer))
      expect(own).toEqual(Array.from({ length: 50 }, (_, n) => `${writer}${n}`))
    }
  })

  it('tells after a restart what was committed while nobody fed (abuse 96)', async () => {
    await publish(database.db, 'while down')
    expect(await readState(database.db)).toMatchObject({ unnumbered: true })
    const push = createPushService({ db: database.db, databaseUrl: database.url, clock: systemClock, log: silentLog })
    await push.start()
    await using gateway = subscribe(push)
    expect((await gateway.replay()).map(said).slice(-2)).toEqual(['while down', 'caught-up'])
    await push[Symbol.asyncDispose]()
  })
})
