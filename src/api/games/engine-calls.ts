import type { EngineAddress } from '../../engine-contract/index.ts'
import { Refusal } from '../../platform/errors.ts'
import { isTrue } from '../../platform/kubernetes/conditions.ts'
import type { ResourceClient } from '../../platform/kubernetes/client.ts'
import { keyOf } from '../../platform/kubernetes/objects.ts'
import type { Log } from '../../platform/log.ts'
import type { Game } from '../../resources/index.ts'
import { engineUnavailable, isMisdirected, refusalOf } from './engine-refusal.ts'
import { gameNotFound, type Seat, seatIn } from './seat.ts'

/** Of the time that a caller waits, so much is left for the call itself. */
const forCallMs = 1000

/** Where the game's engine takes calls now; undefined while it does not. */
export function engineOf({ metadata, status }: Game): EngineAddress | undefined {
  const { endpoint, epoch } = status.engine ?? {}
  if (!isTrue(status.conditions ?? [], 'Ready') || endpoint === undefined || epoch === undefined) return undefined
  return { endpoint, epoch, gameId: metadata.uid }
}

export type EngineCallsNeeds = {
  fetchGame: ResourceClient<Game>['get']
  /** Resolves once a sleeping engine is healthy; a Refusal when it cannot be, or not in time. */
  wake: (game: Game, timeoutMs: number) => Promise<EngineAddress>
  /** Takes note that the game is being played. */
  called: (game: Game) => void
  log: Log
}
/** `timeoutMs`: how long the caller waits for all of it. */
export type Caller = { userId: string; timeoutMs: number }
type Call<T> = (engine: EngineAddress, raceName: string) => Promise<T>

/**
 * Calls the engine of a player's game, and wakes it first if it sleeps. The address comes from the cache; when nobody is there, or an engine of another
 * epoch or game is, the Game is read afresh, and the call is made once more if the engine has moved. All calls can be
 * repeated.
 */
export function createEngineCalls({ fetchGame, wake, called, log }: EngineCallsNeeds) {
  /** @throws Refusal `engine_not_ready`, `engine_unavailable`, `game_not_found`, or what the engine refused */
  return async function callEngine<T>(seat: Seat, { userId, timeoutMs }: Caller, call: Call<T>): Promise<T> {
    const wakeUntilMs = performance.now() + timeoutMs - forCallMs
    const findEngine = async (game: Game) => engineOf(game) ?? (await wake(game, wakeUntilMs - performance.now()))
    const engine = await findEngine(seat.game)
    called(seat.game)
    try {
      return await call(engine, seat.raceName)
    } catch (error) {
      if (!isMisdirected(error)) throw told(error, seat)
      const moved = await seatAfresh(seat, userId)
      const now = await findEngine(moved.game)
      if (now.endpoint === engine.endpoint && now.epoch === engine.epoch) throw told(error, seat)
      return await call(now, moved.raceName).catch((again: unknown) => Promise.reject(told(again, seat)))
    }
  }

  async function seatAfresh({ game }: Seat, userId: string): Promise<Seat> {
    const fresh = await fetchGame(keyOf(game)).catch((error: unknown) =>
      Promise.reject(told(engineUnavailable(error), { game })),
    )
    const seat = seatIn(fresh?.metadata.uid === game.metadata.uid ? fresh : undefined, userId)
    if (!seat) throw gameNotFound()
    return seat
  }

  /** The player learns little of what is wrong with an engine; the log learns everything. */
  function told(error: unknown, { game }: Pick<Seat, 'game'>): unknown {
    const refusal = refusalOf(error)
    const { uid, name, namespace } = game.metadata
    if (refusal instanceof Refusal && refusal.kind === 'unavailable') {
      log.warn({ err: refusal.cause, game: { uid, name, namespace } }, 'an engine could not be called for a player')
    }
    return refusal
  }
}
