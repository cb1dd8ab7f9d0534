import { Counter, Histogram } from 'prom-client'
import { isTrue } from '../../platform/kubernetes/conditions.ts'
import type { Metrics } from '../../platform/metrics.ts'
import type { Game } from '../../resources/index.ts'
import type { Action } from './action.ts'
import type { Outcome } from './settle.ts'

export type GameMetrics = ReturnType<typeof createGameMetrics>

export function createGameMetrics(registry: Metrics, now: () => Date) {
  const registers = [registry]
  const timeToReady = new Histogram({
    name: 'galaxy_game_time_to_ready_seconds',
    help: 'From the creation of a Game to its first Ready.',
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers,
  })
  const turnDuration = new Histogram({
    name: 'galaxy_turn_duration_seconds',
    help: 'How long engines took to generate turns.',
    buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    registers,
  })
  const turnLateness = new Histogram({
    name: 'galaxy_turn_lateness_seconds',
    help: 'From the moment a turn was due to its completion.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600],
    registers,
  })
  const turnFailures = new Counter({
    name: 'galaxy_turn_failures_total',
    help: 'Attempts at a turn that failed.',
    registers,
  })
  const restarts = new Counter({ name: 'galaxy_engine_restarts_total', help: 'Engines that ended unasked.', registers })
  const starts = new Counter({ name: 'galaxy_engine_starts_total', help: 'Engines started.', registers })

  return { outcome, transition }

  function outcome(action: Action, result: Outcome) {
    if (result.of === 'start') starts.inc()
    if (result.of === 'failed' && action.do === 'runTurn') turnFailures.inc()
    if (result.of !== 'runTurn' || action.do !== 'runTurn') return
    turnDuration.observe(result.tookMs / 1000)
    if (action.dueAt) turnLateness.observe(Math.max(0, now().getTime() - action.dueAt.getTime()) / 1000)
  }

  function transition(before: Game, after: Game) {
    const more = (after.status.engine?.restarts ?? 0) - (before.status.engine?.restarts ?? 0)
    if (more > 0) restarts.inc(more)
    const wasInitialized = isTrue(before.status.conditions ?? [], 'Initialized')
    if (!wasInitialized && isTrue(after.status.conditions ?? [], 'Ready')) {
      timeToReady.observe((now().getTime() - Date.parse(after.metadata.creationTimestamp)) / 1000)
    }
  }
}
