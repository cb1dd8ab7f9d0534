import { canonicalJson } from '../../platform/json.ts'
import type { ResourceClient } from '../../platform/kubernetes/client.ts'
import type { EventRecorder } from '../../platform/kubernetes/events.ts'
import type { Informer } from '../../platform/kubernetes/informer.ts'
import { KubernetesError } from '../../platform/kubernetes/errors.ts'
import { keyOf, type ObjectKey } from '../../platform/kubernetes/objects.ts'
import type { Log } from '../../platform/log.ts'
import type { Game } from '../../resources/index.ts'
import type { Reconcile } from '../operator/index.ts'
import type { Action, Plan } from './action.ts'
import { fieldManager } from './apply.ts'
import type { GameMetrics } from './metrics.ts'
import type { Observation } from './observation.ts'
import { plan } from './plan.ts'
import type { Policy } from './policy.ts'
import { type Outcome, settle } from './settle.ts'

export type ReconcilePorts = {
  observe: (key: ObjectKey, signal: AbortSignal) => Promise<Observation | undefined>
  apply: (game: Game, action: Action, signal: AbortSignal) => Promise<Outcome | undefined>
  games: Pick<ResourceClient<Game>, 'replaceStatus' | 'get'>
  cache: Pick<Informer<Game>, 'written'>
  events: EventRecorder
  metrics: GameMetrics
  policy: Policy
  log: Log
  now: () => Date
}

/** A pass that needs more steps than this goes on in the next one, so that no game holds a worker for ever. */
const maxSteps = 12

/** Level-based: observe, plan, act, and again until nothing is left to do now. */
export function createGameReconciler({
  observe,
  apply,
  games,
  cache,
  events,
  metrics,
  policy,
  log,
  now,
}: ReconcilePorts): Reconcile {
  return async function reconcile(key, signal) {
    for (let step = 0; step < maxSteps; step += 1) {
      if (signal.aborted) return {}
      const observation = await observe(key, signal)
      if (!observation) return {}
      const planned = plan(observation, policy)
      const game = await write(observation.game, planned)
      const ended = await act(game, planned.actions, signal)
      if (ended) return {}
      if (planned.actions.length === 0) {
        return { requeueAfterMs: planned.againAt && Math.max(0, planned.againAt.getTime() - now().getTime()) }
      }
    }
    return { requeueAfterMs: 0 }
  }

  /** True when the game itself may be gone now, so that there is nothing to observe again. */
  async function act(game: Game, actions: readonly Action[], signal: AbortSignal): Promise<boolean> {
    for (const action of actions) {
      const outcome = await apply(game, action, signal)
      if (outcome) {
        metrics.outcome(game, action, outcome)
        await settleOn(game, outcome)
        if (outcome.of === 'failed') {
          log.warn({ game: game.metadata.name, action: action.do, reason: outcome.reason }, outcome.message)
          return false
        }
      }
      if (action.do === 'releaseFinalizer' || action.do === 'deleteGame') return true
    }
    return false
  }

  /** Whoever edited the game during a long action must not cost us what became of it. */
  async function settleOn(game: Game, outcome: Outcome): Promise<void> {
    try {
      await write(game, settle(game, outcome, now()))
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.reason !== 'Conflict') throw error
      const latest = await games.get(keyOf(game))
      if (latest?.metadata.uid === game.metadata.uid) await write(latest, settle(latest, outcome, now()))
    }
  }

  /** Writes the status if it changed; tells its events only once it is written, so that none is told twice. */
  async function write(game: Game, { status, events: told }: Pick<Plan, 'status' | 'events'>): Promise<Game> {
    const changed = canonicalJson(status) !== canonicalJson(game.status)
    const written = changed ? await games.replaceStatus({ ...game, status }, { fieldManager }) : game
    if (changed) {
      cache.written(written)
      metrics.transition(game, written)
    }
    for (const event of told) {
      events.record(written, event)
      log.info({ game: game.metadata.name, namespace: game.metadata.namespace, reason: event.reason }, event.message)
    }
    return written
  }
}
