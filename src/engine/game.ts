import type { InitRequest, Orders, ValidatedOrders } from '../engine-contract/model.ts'
import { Refusal, StartupError } from '../platform/errors.ts'
import { canonicalJson } from '../platform/json.ts'
import type { Log } from '../platform/log.ts'
import { createGuard } from './guard.ts'
import { createMutex } from './mutex.ts'
import {
  createWorld,
  generateTurn,
  type Race,
  raceOf,
  readGameSettings,
  rejectedOrders,
  reportAll,
} from './rules/index.ts'
import type { TurnRecord } from './state/records.ts'
import { CorruptStateError, type Store } from './state/store.ts'
import { statusOf } from './status.ts'

export type GameNeeds = { store: Store; log: Log; epoch: number; onStale: () => void }
export type GameService = Awaited<ReturnType<typeof openGame>>

/**
 * The game in a state directory. Writes happen one at a time, each under the epoch its call carries; what this returns
 * has been written for good.
 * @throws StartupError when the state cannot be read or belongs to a higher epoch
 */
export async function openGame({ store, log, epoch, onStale }: GameNeeds) {
  const mutex = createMutex()
  let current: TurnRecord | undefined
  let init: InitRequest | undefined
  let banished: readonly string[] = []
  /** Races whose orders for the coming turn are stored. */
  let ordered = new Set<string>()
  const guard = createGuard({ store, log, epoch: await firstEpoch(store, epoch), onStale, reload: load })
  await open()
  const gameId = () => init?.gameId
  return { init: create, gameId, status, turn, banish, putOrders, validateOrders, getOrders, report, idle: mutex.idle }

  /** Loads the state, under a claim if the disk takes one: reads must work on a full or read-only disk. */
  async function open(): Promise<void> {
    try {
      await guard.admit(guard.epoch())
    } catch (error) {
      const refusal = guard.failed(error)
      if (!(refusal instanceof Refusal) || refusal.reason !== 'state_unwritable') throw asStartupError(error)
      await load().catch((cause: unknown) => Promise.reject(asStartupError(cause)))
    }
  }

  async function load(): Promise<void> {
    const newest = await store.newestTurn()
    if (newest === undefined) return forget()
    if (newest !== current?.world.turn) {
      current = await readComplete(store, newest)
      ordered = new Set((await store.readAllOrders(newest + 1)).map(({ raceName }) => raceName))
    }
    init ??= (await readComplete(store, 0)).init
    banished = await store.readBanished()
  }

  /** What is not on the disk was not played: memory must not hide that the state directory was emptied or removed. */
  function forget(): void {
    if (!current) return
    log.error({ turn: current.world.turn }, 'the state directory no longer holds the game')
    current = undefined
    init = undefined
    banished = []
    ordered = new Set()
  }

  function write<T>(epoch: number, work: () => Promise<T>): Promise<T> {
    return mutex.run(async () => {
      try {
        await guard.admit(epoch)
        return await work()
      } catch (error) {
        throw guard.failed(error)
      }
    })
  }

  function create(epoch: number, request: InitRequest): Promise<string> {
    return write(epoch, async () => {
      if (current) return sameInit(request)
      const settings = readGameSettings(request.settings)
      const raceNames = distinctNames(request)
      const world = createWorld({ gameId: request.gameId, raceNames, settings })
      const answer = JSON.stringify(statusOf(world, nothingYet))
      const record = { world, answer, reports: reportAll(world), init: request }
      current = await store.commitTurn(guard.epoch(), record)
      init = current.init
      log.info({ gameId: request.gameId, players: raceNames.length }, 'game created')
      return sameInit(request)
    })
  }

  async function sameInit(request: InitRequest): Promise<string> {
    const first = current?.world.turn === 0 ? current : await readComplete(store, 0)
    if (canonicalJson(init) === canonicalJson(request)) return first.answer
    throw new Refusal('conflict', 'already_initialized', 'the game was created from another init request')
  }

  async function status(epoch: number) {
    return mutex.run(async () => {
      await guard.admitReader(epoch)
      // A state directory that cannot be read now (EIO, EMFILE) is no lost state: the next write says what is wrong.
      await load().catch((error: unknown) => log.warn({ err: guard.failed(error) }, 'the state was not read again'))
      return statusOf(current?.world, { banished, ordered })
    })
  }

  function turn(epoch: number, wanted: number): Promise<string> {
    return write(epoch, async () => {
      const { world, answer } = initialized()
      if (wanted === world.turn) return answer
      if (wanted > world.turn) refuseFinished()
      if (wanted !== world.turn + 1) {
        throw new Refusal('conflict', 'turn_out_of_order', `the next turn is ${world.turn + 1}, not ${wanted}`)
      }
      const startedAt = performance.now()
      const orders = await store.readAllOrders(wanted)
      const next = generateTurn(world, { orders, banished })
      const record = { ...next, answer: JSON.stringify(statusOf(next.world, { ...nothingYet, banished })) }
      current = await store.commitTurn(guard.epoch(), record)
      ordered = new Set()
      const ms = Math.round(performance.now() - startedAt)
      log.info({ turn: wanted, orders: orders.length, ms, finished: next.world.result !== undefined }, 'turn generated')
      return current.answer
    })
  }

  function banish(epoch: number, raceName: string) {
    return write(epoch, async () => {
      const { world } = initialized()
      knownRace(raceName)
      if (!banished.includes(raceName)) {
        refuseFinished()
        await store.commitBanishment(guard.epoch(), { raceName, turn: world.turn })
        banished = [...banished, raceName]
        log.info({ raceName }, 'race banished')
      }
      return statusOf(world, { banished, ordered })
    })
  }

  function putOrders(epoch: number, orders: Orders): Promise<Orders> {
    return write(epoch, async () => {
      const errors = wrongOrders(orders)
      if (errors.length > 0) {
        const said = errors.map(({ index, message }) => `orders[${index}]: ${message}`).join('; ')
        throw new Refusal('unprocessable', 'invalid_orders', said, { details: { errors } })
      }
      await store.commitOrders(guard.epoch(), orders)
      ordered.add(orders.raceName)
      return orders
    })
  }

  /** Checks orders as `putOrders` does, and stores nothing. */
  async function validateOrders(epoch: number, orders: Orders): Promise<ValidatedOrders> {
    await mutex.run(() => guard.admitReader(epoch))
    const wrong = new Map(wrongOrders(orders).map(({ index, message }) => [index, message.slice(0, 2000)]))
    return {
      orders: orders.orders.map((_, index) => {
        const problem = wrong.get(index)
        return problem === undefined ? { index, ok: true } : { index, ok: false, problem }
      }),
    }
  }

  /** @throws Refusal when the race may not order anything for this turn */
  function wrongOrders({ raceName, turn, orders }: Orders) {
    const { world } = initialized()
    const race = knownRace(raceName)
    refuseFinished()
    if (turn !== world.turn + 1) {
      throw new Refusal('conflict', 'orders_closed', `orders are taken for turn ${world.turn + 1}, not ${turn}`)
    }
    if (race.eliminated || banished.includes(race.name)) {
      throw new Refusal('conflict', 'race_eliminated', `${race.name} are out of the game`)
    }
    return rejectedOrders(world, race, orders)
  }

  async function getOrders(raceName: string, turn = initialized().world.turn + 1): Promise<Orders> {
    const { world } = initialized()
    knownRace(raceName)
    if (turn < 1 || turn > world.turn + 1) throw unknownTurn(turn, world.turn + 1)
    const stored = await store.readOrders(turn, raceName).catch((error: unknown) => Promise.reject(guard.failed(error)))
    return stored ?? { raceName, turn, orders: [] }
  }

  async function report(raceName: string, turn = initialized().world.turn): Promise<unknown> {
    const { world } = initialized()
    knownRace(raceName)
    if (turn > world.turn) throw unknownTurn(turn, world.turn)
    const stored = turn === world.turn ? current : await readPast(turn)
    return stored?.reports.find((each) => each.raceName === raceName)?.report
  }

  async function readPast(turn: number): Promise<TurnRecord> {
    return readComplete(store, turn).catch((error: unknown) => Promise.reject(guard.failed(error)))
  }

  function initialized(): TurnRecord {
    if (!current) throw new Refusal('conflict', 'not_initialized', 'the game has not been created yet')
    return current
  }

  function knownRace(raceName: string): Race {
    const race = raceOf(initialized().world, raceName)
    if (!race) throw new Refusal('missing', 'unknown_race', `there is no race "${raceName}" in this game`)
    return race
  }

  function refuseFinished(): void {
    const { result } = initialized().world
    if (result) throw new Refusal('conflict', 'game_finished', `the game ended with turn ${result.turn}`)
  }
}

const nothingYet = { banished: [], ordered: new Set<string>() }

/** A higher epoch than the one this engine was started with means that it is not wanted any more. */
async function firstEpoch(store: Store, epoch: number): Promise<number> {
  const highest = (await store.highestEpoch()) ?? 0
  if (epoch === 0 || epoch >= highest) return Math.max(epoch, highest)
  throw new StartupError(`setting GALAXY_ENGINE_EPOCH: ${epoch} is stale: the state directory is at epoch ${highest}`)
}

async function readComplete(store: Store, turn: number): Promise<TurnRecord> {
  const record = await store.readTurn(turn)
  if (!record) throw new CorruptStateError(`the file of turn ${turn} is missing`)
  return record
}

function asStartupError(error: unknown): unknown {
  if (!(error instanceof CorruptStateError)) return error
  return new StartupError(
    `setting GALAXY_STATE_DIR: ${error.message}; restore it from a backup, or remove it to go back`,
  )
}

function distinctNames({ players }: InitRequest): string[] {
  const names = players.map(({ raceName }) => raceName)
  const second = names.findIndex((name, index) => names.indexOf(name) < index)
  if (second < 0) return names
  throw new Refusal('invalid', 'invalid_input', `players[${second}].raceName: "${names[second]}" is taken`)
}

function unknownTurn(turn: number, last: number): Refusal {
  return new Refusal('missing', 'unknown_turn', `there is no turn ${turn}; the last one is ${last}`)
}
