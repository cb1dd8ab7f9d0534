import { Counter, Gauge, Histogram } from 'prom-client'
import { findCondition, isTrue } from '../../platform/kubernetes/conditions.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { type Game, isHibernated, isWanted, wakeAnnotation } from '../../resources/index.ts'
import type { Action } from './action.ts'
import type { Outcome } from './settle.ts'

export type GameMetrics = ReturnType<typeof createGameMetrics>

/** What there is to count, which is nothing on a replica that does not lead. */
type Counted = { games: () => readonly Game[]; unreadable: () => number; refusingNamespaces: () => number }

export function createGameMetrics(
  registry: Metrics,
  now: () => Date,
  counted: Counted = { games: () => [], unreadable: () => 0, refusingNamespaces: () => 0 },
) {
  const registers = [registry]
  countGames(registry, counted)
  const wakes = new Histogram({
    name: 'galaxy_wake_seconds',
    help: 'From the reason to wake a hibernated engine (a call, a turn, a change) to Ready.',
    labelNames: ['cause'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60, 300],
    registers,
  })
  const waking = new Map<string, { cause: string; sinceMs: number }>()
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
    wake(before, after)
    const wasInitialized = isTrue(before.status.conditions ?? [], 'Initialized')
    if (!wasInitialized && isTrue(after.status.conditions ?? [], 'Ready')) {
      timeToReady.observe(Math.max(0, now().getTime() - Date.parse(after.metadata.creationTimestamp)) / 1000)
    }
  }

  function wake(before: Game, after: Game) {
    const { uid } = after.metadata
    if (isHibernated(before) && !isHibernated(after)) waking.set(uid, wakeOf(before, now()))
    const begun = waking.get(uid)
    if (!begun || isWaking(after)) return
    waking.delete(uid)
    if (isTrue(after.status.conditions ?? [], 'Ready')) {
      wakes.observe({ cause: begun.cause }, Math.max(0, now().getTime() - begun.sinceMs) / 1000)
    }
  }
}

/** Why a hibernated game is woken, and since when there is a reason to. */
function wakeOf(game: Game, now: Date): { cause: string; sinceMs: number } {
  const { metadata, status } = game
  const asleep = findCondition(status.conditions ?? [], 'EngineReady')
  if (asleep?.observedGeneration !== metadata.generation) return { cause: 'change', sinceMs: now.getTime() }
  if (!isWanted(game)) return { cause: 'turn', sinceMs: now.getTime() }
  // Of another clock, or no moment at all: what cannot be is not believed.
  const calledMs = Date.parse(metadata.annotations[wakeAnnotation] ?? '')
  const isLikely = calledMs >= Date.parse(asleep.lastTransitionTime) && calledMs <= now.getTime()
  return { cause: 'call', sinceMs: isLikely ? calledMs : now.getTime() }
}

/** On its way; anything else ends the wake, well or not. */
function isWaking({ metadata, status }: Game): boolean {
  if (metadata.deletionTimestamp !== undefined || isTrue(status.conditions ?? [], 'Ready')) return false
  return status.phase !== 'Stopped' && status.phase !== 'Failed' && status.phase !== 'Stopping'
}

function countGames(registry: Metrics, { games, unreadable, refusingNamespaces }: Counted): void {
  const byPhase = new Gauge({
    name: 'galaxy_games',
    help: 'Games by phase.',
    labelNames: ['phase'],
    registers: [],
    collect() {
      this.reset()
      // Counted before it is told: with ten thousand games, finding the label each time would hold up all else.
      const counts = new Map<string, number>()
      for (const { status } of games()) {
        const phase = status.phase ?? 'Pending'
        counts.set(phase, (counts.get(phase) ?? 0) + 1)
      }
      for (const [phase, count] of counts) this.set({ phase }, count)
    },
  })
  const hibernated = new Gauge({
    name: 'galaxy_games_hibernated',
    help: 'Games whose engine sleeps.',
    registers: [],
    collect() {
      this.set(games().filter(isHibernated).length)
    },
  })
  const outOfSight = new Gauge({
    name: 'galaxy_games_unreadable',
    help: 'Games that this version cannot read; they and their engines are left alone.',
    registers: [],
    collect() {
      this.set(unreadable())
    },
  })
  const refusing = new Gauge({
    name: 'galaxy_namespaces_refusing',
    help: 'Namespaces of CONTROLLER_NAMESPACES that have not let their Games be listed; their engines are left alone.',
    registers: [],
    collect() {
      this.set(refusingNamespaces())
    },
  })
  for (const metric of [byPhase, hibernated, outOfSight, refusing]) registry.registerMetric(metric)
}
