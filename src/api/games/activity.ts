import { type Clock, steadyClock } from '../../platform/clock.ts'
import { keyOf } from '../../platform/kubernetes/objects.ts'
import type { Log } from '../../platform/log.ts'
import { type Game, idleAfterMs } from '../../resources/index.ts'
import type { ControllerClient } from './controller-client.ts'

export type ActivityNeeds = {
  controller: Pick<ControllerClient, 'reportActivity'> | undefined
  /** A clock that nobody can set. */
  clock?: Clock
  log: Log
}

const atMostEveryMs = 60_000
const retryAfterMs = 5000
const reportTimeoutMs = 5000

/**
 * Tells the controllers that a game is being played, so that its engine is not put to sleep: once a minute, or three
 * times in the game's idle time where that is shorter. It holds up no call, and a report that is lost costs no more than
 * a wake.
 */
export function createActivityReports({ controller, clock = steadyClock, log }: ActivityNeeds) {
  const nextAtMs = new Map<string, number>()

  return function called(game: Game): void {
    const idleMs = idleAfterMs(game)
    if (!controller || idleMs === undefined) return
    const { uid } = game.metadata
    const nowMs = clock.now().getTime()
    if (nowMs < (nextAtMs.get(uid) ?? 0)) return
    forgetOld(nowMs)
    nextAtMs.set(uid, nowMs + Math.min(atMostEveryMs, idleMs / 3))
    controller.reportActivity(keyOf(game), reportTimeoutMs).catch((error: unknown) => {
      nextAtMs.set(uid, Math.min(nextAtMs.get(uid) ?? 0, clock.now().getTime() + retryAfterMs))
      log.debug({ err: error, game: { uid } }, 'the controllers could not be told that a game is played')
    })
  }

  /** Games that nobody plays any more are not remembered for ever. */
  function forgetOld(nowMs: number): void {
    if (nextAtMs.size < 1000) return
    for (const [uid, atMs] of nextAtMs) if (atMs <= nowMs) nextAtMs.delete(uid)
  }
}
