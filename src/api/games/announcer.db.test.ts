import { sql } from 'slonik'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openTestDatabase, type TestPool } from '../../../test/support/database.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { silentLog } from '../../platform/log.ts'
import { createMetrics, type Metrics } from '../../platform/metrics.ts'
import type { Game } from '../../resources/index.ts'
import { publishEvent } from '../push/index.ts'
import { createGameAnnouncer, type GameAnnouncer } from './announcer.ts'
import { aGame, alice, aTurn, bob, gameUid, resting } from './fixtures.ts'

const key = { namespace: 'default', name: 'andromeda' }
const now = new Date('2026-03-01T12:00:00Z')
const atTurn = (number: number, version: number) => aGame({ version, status: { turn: aTurn(number) } })
const everybody = [alice, bob]

let database: TestPool
beforeAll(async () => (database = await openTestDatabase()))
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(() => database.db.query(sql.type(z.object({}))`TRUNCATE backend.game_announcements, backend.push_outbox`))

type Options = { publish?: typeof publishEvent; at?: Date; metrics?: Metrics }

function anAnnouncer({
  publish = publishEvent,
  at = now,
  metrics = createMetrics({ runtime: false }),
}: Options = {}): GameAnnouncer {
  const backoff = { baseMs: 1, maxMs: 5 }
  return createGameAnnouncer({
    db: database.db,
    publishEvent: publish,
    clock: { now: () => at },
    log: silentLog,
    metrics,
    backoff,
  })
}

const see = (announcer: GameAnnouncer, after: Game | undefined, before?: Game) =>
  announcer.changed(key, { before, after })

const Told = z.object({ user_id: z.string(), event_type: z.string(), turn: z.int().nullable() })

/** What is in the outbox, in order. */
async function told() {
  const rows = await database.db.any(sql.type(Told)`
    SELECT user_id, event_type, (payload->>'turn')::integer AS turn FROM backend.push_outbox ORDER BY id`)
  return rows.map(({ user_id, event_type, turn }) => `${event_type} ${turn ?? ''} ${user_id}`)
}

const toEverybody = (event: string) => everybody.map((userId) => `${event} ${userId}`)

async function announcements(): Promise<number> {
  return database.db.oneFirst(
    sql.type(z.object({ count: z.coerce.number() }))`SELECT count(*) FROM backend.game_announcements`,
  )
}

async function knows(turn: number): Promise<boolean> {
  const rows = await database.db.any(
    sql.type(z.object({ turn: z.int().nullable() }))`SELECT turn FROM backend.game_announcements`,
  )
  return rows.some((row) => row.turn === turn)
}

const knowing = (turn: number) => eventually(() => knows(turn))

describe('a change that the database refuses for good', () => {
  it('is set aside, to be seen, and neither repeated nor in the way of the next', async () => {
    const metrics = createMetrics({ runtime: false })
    let transactions = 0
    const publish: typeof publishEvent = async (...args) => {
      transactions += 1
      await publishEvent(...args)
    }
    await using announcer = anAnnouncer({ publish, metrics })
    // More than a column of Postgres can hold.
    see(announcer, atTurn(3_000_000_000, 10))
    await eventually(async () => (await metrics.metrics()).includes('set_aside_total 1'))
    see(announcer, atTurn(5, 11))
    await knowing(5)
    expect(await told()).toEqual(toEverybody('game.turn.started 5'))
    expect(transactions).toBe(everybody.length)
    expect(await metrics.metrics()).toContain('set_aside_total 1')
  })
})

describe('the announcer of games', () => {
  it('tells every player who has an account of the turn that began, and nobody else', async () => {
    await using announcer = anAnnouncer()
    see(announcer, atTurn(4, 10))
    await knowing(4)
    expect(await told()).toEqual(toEverybody('game.turn.started 4'))
  })

  it('tells a player with two seats once', async () => {
    await using announcer = anAnnouncer()
    const players = ['Terrans', 'Zerks'].map((raceName) => ({ userId: alice, raceName }))
    see(announcer, aGame({ spec: { players } }))
    await knowing(4)
    expect(await told()).toEqual([`game.turn.started 4 ${alice}`])
  })

  it('tells nothing twice after a restart, and only the newest of what happened meanwhile', async () => {
    for (const game of [atTurn(4, 10), atTurn(4, 10), atTurn(7, 16)]) {
      await using announcer = anAnnouncer()
      see(announcer, game)
      await knowing(game.status.turn?.number ?? 0)
    }
    expect(await told()).toEqual([...toEverybody('game.turn.started 4'), ...toEverybody('game.turn.started 7')])
  })

  it('tells once when several replicas see the same', async () => {
    await using first = anAnnouncer()
    await using second = anAnnouncer()
    await using third = anAnnouncer()
    for (const turn of [1, 2, 3, 4, 5, 6, 7, 8]) {
      for (const replica of [first, second, third]) see(replica, atTurn(turn, 10 + turn))
      await knowing(turn)
    }
    for (const replica of [first, second, third]) await replica[Symbol.asyncDispose]()
    expect(await told()).toEqual([1, 2, 3, 4, 5, 6, 7, 8].flatMap((turn) => toEverybody(`game.turn.started ${turn}`)))
  })

  it('tells nothing of the past when a replica is behind', async () => {
    await using ahead = anAnnouncer()
    await using behind = anAnnouncer()
    see(ahead, aGame({ version: 12, status: { conditions: resting('Paused'), turn: aTurn(5) } }))
    await knowing(5)
    const before = await told()
    for (const game of [atTurn(4, 10), atTurn(5, 11)]) see(behind, game)
    await behind[Symbol.asyncDispose]()
    expect(await told()).toEqual(before)
    expect(before).toEqual(everybody.flatMap((id) => [`game.turn.started 5 ${id}`, `game.paused  ${id}`]))
  })

  it('tells all or nobody, and the rest later, when it dies in the middle', async () => {
    let published = 0
    const dying: typeof publishEvent = async (db, event) => {
      published += 1
      if (published % 2 === 0) throw new Error('killed')
      await publishEvent(db, event)
    }
    const first = anAnnouncer({ publish: dying })
    see(first, atTurn(4, 10))
    await eventually(() => published >= 2)
    await first[Symbol.asyncDispose]()
    expect(await told()).toEqual([])
    await using second = anAnnouncer()
    see(second, atTurn(4, 10))
    await knowing(4)
    expect(await told()).toEqual(toEverybody('game.turn.started 4'))
  })

  it('tries again until the database takes it (abuse 83)', async () => {
    let attempts = 0
    const cut: typeof publishEvent = async (db, event) => {
      attempts += 1
      if (attempts <= 3) await db.query(sql.type(z.object({}))`SELECT pg_terminate_backend(pg_backend_pid())`)
      await publishEvent(db, event)
    }
    await using announcer = anAnnouncer({ publish: cut })
    see(announcer, atTurn(4, 10))
    await knowing(4)
    expect(attempts).toBeGreaterThan(3)
    expect(await told()).toEqual(toEverybody('game.turn.started 4'))
  })

  it('remembers without telling when there is nothing to tell', async () => {
    await using announcer = anAnnouncer()
    see(announcer, aGame({ version: 10, status: { conditions: [], turn: undefined } }))
    await announcer[Symbol.asyncDispose]()
    expect(await told()).toEqual([])
  })

  it('forgets a game that is gone, and tells of one made again under its name', async () => {
    await using announcer = anAnnouncer()
    const [old, again] = [
      atTurn(4, 10),
      aGame({ version: 20, metadata: { uid: gameUid.replace('9', '8') }, status: { turn: aTurn(0) } }),
    ]
    see(announcer, old)
    await knowing(4)
    see(announcer, undefined, old)
    see(announcer, again)
    await knowing(0)
    await eventually(async () => (await announcements()) === 1)
    expect(await told()).toEqual([...toEverybody('game.turn.started 4'), ...toEverybody('game.turn.started 0')])
  })

  it('tells nothing of a game that is being deleted', async () => {
    await using announcer = anAnnouncer()
    see(
      announcer,
      aGame({ metadata: { deletionTimestamp: '2026-03-01T13:00:00Z' }, status: { conditions: resting('Stopped') } }),
    )
    await announcer[Symbol.asyncDispose]()
    expect(await told()).toEqual([])
    expect(await announcements()).toBe(0)
  })

  it('forgets games that were deleted while nobody watched, but not those that others may just have come to know', async () => {
    await using announcer = anAnnouncer()
    see(announcer, atTurn(4, 10))
    await knowing(4)
    await announcer.forgetOthers([])
    expect(await announcements()).toBe(1)
    await using later = anAnnouncer({ at: new Date(now.getTime() + 2 * 3_600_000) })
    await later.forgetOthers([atTurn(4, 10)])
    expect(await announcements()).toBe(1)
    await later.forgetOthers([])
    expect(await announcements()).toBe(0)
  })
})
