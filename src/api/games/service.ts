import type { PlayerEngineClient } from '../../engine-contract/index.ts'
import type { GameInfo, GameSummary, StoredOrders } from '../../messages/index.ts'
import { Refusal } from '../../platform/errors.ts'
import type { Informer } from '../../platform/kubernetes/informer.ts'
import { traced } from '../../platform/telemetry/index.ts'
import type { Game } from '../../resources/index.ts'
import { type Caller, createEngineCalls, type EngineCallsNeeds } from './engine-calls.ts'
import { gameNotFound, type Seat, seatIn } from './seat.ts'
import { infoOf, summaryOf } from './views.ts'

export type GamesServiceNeeds = EngineCallsNeeds & {
  games: Pick<Informer<Game>, 'get' | 'list' | 'hasSynced'>
  engines: PlayerEngineClient
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
  namespace,
  engineTimeoutMs: timeoutMs = 4000,
  ...needs
}: GamesServiceNeeds) {
  const callEngine = createEngineCalls(needs)
  return {
    listMine,
    info,
    report: traced('games.report', report),
    orders: traced('games.orders', orders),
    submitOrders: traced('games.submit_orders', submitOrders),
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
  function info(userId: string, gameId: string): GameInfo {
    return infoOf(seatOf(userId, gameId))
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
