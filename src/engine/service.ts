import type { InitRequest, Orders } from '../engine-contract/index.ts'
import { Refusal } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import type { Fence } from './fence.ts'
import { isInPlay, nextTurn, statusOf } from './game-rules.ts'
import { createCurrentGame, type Current } from './game.ts'
import { createQueue } from './queue.ts'
import { raceOf, rejectedOrders } from './rules/index.ts'
import type { StateStore } from './state-store.ts'

export type EngineService = ReturnType<typeof createEngineService>

type ServiceNeeds = { store: StateStore; fence: Fence; log: Log }

/** What the engine does. One call is served at a time, so that each sees what the one before it has stored. */
export function createEngineService({ store, fence, log }: ServiceNeeds) {
  const queue = createQueue()
  const game = createCurrentGame({ store })

  return {
    /** Reads the state from the disk. @throws StartupError naming a damaged file */
    load: () => queue.run(async () => (await game.load())?.record.turn),
    idle: queue.idle,

    status: (epoch: number) => as(epoch, async () => statusOf(await game.load())),
    init: (epoch: number, init: InitRequest) => as(epoch, async () => statusOf(await game.begin(init))),
    turn: (epoch: number, turn: number) => as(epoch, () => makeTurn(turn)),
    banish: (epoch: number, raceName: string) => as(epoch, () => banish(raceName)),
    order: (epoch: number, orders: Orders) => as(epoch, () => order(orders)),
    orders: (raceName: string, turn: number) => queue.run(() => orders(raceName, turn)),
    report: (raceName: string, turn: number | undefined) => queue.run(() => report(raceName, turn)),
  }

  /** Does work under an epoch. Whoever raises it also throws out what older engines have not finished. */
  function as<T>(epoch: number, work: () => Promise<T>): Promise<T> {
    return queue.run(async () => {
      if (await fence.admit(epoch)) await store.removeLeftovers()
      return work()
    })
  }

  /** @returns the answer as text, the same each time */
  async function makeTurn(turn: number): Promise<string> {
    const now = await game.current()
    if (turn === now.record.turn) return now.record.answer
    if (now.world.result) throw finished()
    if (turn !== now.record.turn + 1) throw outOfOrder(turn, now)
    const startedMs = performance.now()
    const sent = await Promise.all(now.world.races.map(({ name }) => store.readOrders(turn, name)))
    const after = await game.advance(
      nextTurn(
        now,
        sent.filter((one) => one !== undefined),
      ),
    )
    log.info({ turn, ms: Math.round(performance.now() - startedMs) }, 'turn stored')
    if (after.record.turn !== turn) throw outOfOrder(turn, after)
    return after.record.answer
  }

  async function banish(raceName: string) {
    const now = await game.current()
    if (isInPlay(now, raceName)) {
      if (now.world.result) throw finished()
      await store.writeBanished({ raceName, turn: now.record.turn })
    }
    return statusOf(await game.current())
  }

  async function order({ raceName, turn, orders }: Orders) {
    const now = await game.current()
    const inPlay = isInPlay(now, raceName)
    if (now.world.result) throw finished()
    if (turn !== now.record.turn + 1) throw closed(turn, now)
    if (!inPlay) throw new Refusal('conflict', 'race_eliminated', `${raceName} are no longer in play.`)
    const race = raceOf(now.world, raceName)
    const errors = race ? rejectedOrders(now.world, race, orders) : []
    if (errors.length > 0) throw invalidOrders(errors)
    await store.writeOrders({ raceName, turn, orders })
    // Only now it is certain that no newer engine had begun to read orders before these were in place.
    await fence.check()
    return { raceName, turn, orders }
  }

  async function orders(raceName: string, turn: number): Promise<Orders> {
    const now = await game.current()
    isInPlay(now, raceName)
    if (turn > now.record.turn + 1) throw unknownTurn(turn, now)
    return (await store.readOrders(turn, raceName)) ?? { raceName, turn, orders: [] }
  }

  async function report(raceName: string, wanted: number | undefined): Promise<unknown> {
    const now = await game.current()
    isInPlay(now, raceName)
    const record = wanted === undefined || wanted === now.record.turn ? now.record : await store.readTurn(wanted)
    const found = record?.reports.find((one) => one.raceName === raceName)
    if (!found) throw unknownTurn(wanted, now)
    return found.report
  }
}

function invalidOrders(errors: readonly { index: number; message: string }[]): Refusal {
  const said = errors.map(({ index, message }) => `orders[${index}]: ${message}`).join('; ')
  return new Refusal('unprocessable', 'invalid_orders', said, { details: { errors } })
}

function finished(): Refusal {
  return new Refusal('conflict', 'game_finished', 'The game is finished.')
}

function outOfOrder(turn: number, { record }: Current): Refusal {
  const said = `Turn ${turn} cannot be made now: the newest one is ${record.turn}.`
  return new Refusal('conflict', 'turn_out_of_order', said, { details: { turn: record.turn } })
}

function closed(turn: number, { record }: Current): Refusal {
  const said = `Orders are open for turn ${record.turn + 1} only, not for ${turn}.`
  return new Refusal('conflict', 'orders_closed', said, { details: { turn: record.turn + 1 } })
}

function unknownTurn(turn: number | undefined, { record }: Current): Refusal {
  return new Refusal('missing', 'unknown_turn', `There is no turn ${turn}; the newest one is ${record.turn}.`)
}
