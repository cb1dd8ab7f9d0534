import { z } from 'zod'
import type { PlayerEngineClient } from '../../engine-contract/index.ts'
import type { GameDescription, GameInfo, GameSummary, OrdersValidation, StoredOrders } from '../../messages/index.ts'
import { Refusal } from '../../platform/errors.ts'
import type { Informer } from '../../platform/kubernetes/informer.ts'
import { traced } from '../../platform/telemetry/index.ts'
import type { Game } from '../../resources/index.ts'
import { type Caller, createEngineCalls, type EngineCallsNeeds } from './engine-calls.ts'
import { descriptionNotFound, isUnknownCall, validationNotSupported } from './engine-refusal.ts'
import { gameNotFound, type Seat, seatIn } from './seat.ts'
import { createStandings } from './standings.ts'
import { infoOf, summaryOf, type UserNames } from './views.ts'

export type GamesServiceNeeds = EngineCallsNeeds & {
  games: Pick<Informer<Game>, 'get' | 'list' | 'hasSynced'>
  engines: PlayerEngineClient
  /** How users are called; those who have no account any more are left out. */
  namesOf: (userIds: readonly string[]) => Promise<UserNames>
  /** Where a Game is looked for that is asked for by name. */
  namespace: string
  /** For each call to an engine; a call is made twice at most. */
  engineTimeoutMs?: number
}

export type GamesService = ReturnType<typeof createGamesService>

/**
 * Games as their players meet them. The platform's Games are the truth about who plays what; a player never names a
 * race, it is always the one that the roster gives them.
 */
export function createGamesService({
  games,
  engines,
  namesOf,
  namespace,
  engineTimeoutMs: timeoutMs = 4000,
  ...needs
}: GamesServiceNeeds) {
  const callEngine = createEngineCalls(needs)
  const standingsOf = createStandings({ engines, log: needs.log })
  return {
    listMine,
    info: traced('games.info', info),
    description: traced('games.description', description),
    report: traced('games.report', report),
    orders: traced('games.orders', orders),
    submitOrders: traced('games.submit_orders', submitOrders),
    validateOrders: traced('games.validate_orders', validateOrders),
  }

  /** By name. */
  function listMine(userId: string): GameSummary[] {
    return known()
      .list()
      .flatMap((game) => seatIn(game, userId) ?? [])
      .map(summaryOf)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** @throws Refusal `game_not_found` */
  async function info({ userId }: Pick<Caller, 'userId'>, gameId: string): Promise<GameInfo> {
    const seat = seatOf(userId, gameId)
    const [names, standings] = await Promise.all([namesOf(accountsOf(seat.game)), standingsOf(seat.game)])
    return infoOf(seat, names, standings)
  }

  /**
   * What the game's engine says of itself.
   * @throws Refusal `description_not_found` when it does not
   */
  async function description(caller: Caller, gameId: string): Promise<GameDescription> {
    const { name, orders, help, stats } = await callEngine(seatOf(caller.userId, gameId), caller, (engine) =>
      engines
        .describe(engine, { timeoutMs })
        .catch((error: unknown) => Promise.reject(isUnknownCall(error) ? descriptionNotFound(error) : error)),
    )
    return { name, orders, help, stats: stats.map(({ name, title }) => ({ name, title })) }
  }

  /** What the engine reports to the user's race after a turn. */
  async function report(caller: Caller, gameId: string, turn: number): Promise<Record<string, unknown>> {
    return callEngine(seatOf(caller.userId, gameId), caller, (engine, raceName) =>
      engines.report(engine, { raceName, turn }, { timeoutMs }),
    )
  }

  /** What the user's race has stored, for the coming turn unless another is named. */
  async function orders(caller: Caller, gameId: string, turn?: number): Promise<StoredOrders> {
    return callEngine(seatOf(caller.userId, gameId), caller, (engine, raceName) =>
      engines.orders(engine, { raceName, turn }, { timeoutMs }),
    )
  }

  /**
   * Replaces what the user's race has stored; on the engine's disk when this returns.
   * @throws Refusal `invalid_orders` with `errors`, one for each wrong order; `orders_closed`, … as the engine says
   */
  async function submitOrders(caller: Caller, gameId: string, submission: StoredOrders): Promise<StoredOrders> {
    const { turn, orders } = submission
    await callEngine(seatOf(caller.userId, gameId), caller, (engine, raceName) =>
      engines.putOrders(engine, { raceName, turn, orders }, { timeoutMs }),
    )
    return { turn, orders }
  }

  /**
   * Checks orders as `submitOrders` would, and stores nothing.
   * @throws Refusal `validation_not_supported` when the engine cannot; `orders_closed`, … as the engine says
   */
  async function validateOrders(caller: Caller, gameId: string, submission: StoredOrders): Promise<OrdersValidation> {
    const { turn, orders } = submission
    const { orders: checked } = await callEngine(seatOf(caller.userId, gameId), caller, (engine, raceName) =>
      engines
        .validateOrders(engine, { raceName, turn, orders }, { timeoutMs })
        .catch((error: unknown) => Promise.reject(isUnknownCall(error) ? validationNotSupported(error) : error)),
    )
    return {
      orders: checked.map(({ index, ok, problem }) => ({ index, ok, ...(problem === undefined ? {} : { problem }) })),
    }
  }

  /** A uid comes first: a Game that is given another's uid for its name does not hide it. */
  function seatOf(userId: string, gameId: string): Seat {
    const cache = known()
    const game = cache.list().find(({ metadata }) => metadata.uid === gameId) ?? cache.get({ namespace, name: gameId })
    const seat = seatIn(game, userId)
    if (!seat) throw gameNotFound()
    return seat
  }

  /** Before the first list has come, "no such game" would be a lie. */
  function known() {
    if (games.hasSynced()) return games
    throw new Refusal('unavailable', 'not_ready', 'The games are not known yet.', { details: { retry_after_ms: 1000 } })
  }
}

/** Rosters written by hand may name anything: what is no id is nobody's. */
function accountsOf({ spec }: Game): string[] {
  return (spec.players ?? []).map(({ userId }) => userId).filter((userId) => z.uuid().safeParse(userId).success)
}
