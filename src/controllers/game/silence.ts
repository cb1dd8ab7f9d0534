import { Gauge } from 'prom-client'
import type { Metrics } from '../../platform/metrics.ts'
import type { ObjectKey } from '../../platform/kubernetes/objects.ts'
import { whyAway } from './away.ts'
import { wasReady } from './draft.ts'
import type { Observation } from './observation.ts'
import type { Policy } from './policy.ts'

/** How the engines that were well have answered lately, all games together. */
export type Silence = {
  /** Engines that were asked. */
  asked: number
  /** Those of them that did not answer when they were last asked. */
  silent: number
  /** How long they have been watched: what is known of them before is another's knowledge. */
  watchedMs: number
}

/**
 * Most of them are silent at once: what they have in common is the way from us to them (a network policy, a fault of our
 * own node, too little processor), or something that another start does not cure either. The same is done for nodes:
 * https://kubernetes.io/docs/concepts/architecture/nodes/#rate-limits-on-eviction
 */
export function isWidespread({ asked, silent }: Silence, { silence }: Pick<Policy, 'silence'>): boolean {
  return silent >= silence.atLeast && silent > asked * silence.share
}

export type SilenceWatch = ReturnType<typeof createSilenceWatch>

type SilenceWatchOptions = {
  /** What was answered longer ago tells nothing. */
  windowMs: number
  /** A time that only goes forward. */
  elapsedMs: () => number
}

/** Counts who answers, by the newest answer of each, in constant time. */
export function createSilenceWatch({ windowMs, elapsedMs }: SilenceWatchOptions) {
  /** The longest unasked first. */
  const newest = new Map<string, { atMs: number; isSilent: boolean }>()
  let silent = 0
  let sinceMs = elapsedMs()
  return { note, forget, look, reset }

  function note(engine: string, isSilent: boolean): void {
    forget(engine)
    newest.set(engine, { atMs: elapsedMs(), isSilent })
    if (isSilent) silent += 1
  }

  function forget(engine: string): void {
    if (newest.get(engine)?.isSilent) silent -= 1
    newest.delete(engine)
  }

  function look(): Silence {
    const now = elapsedMs()
    for (const [engine, { atMs }] of newest) {
      if (now - atMs <= windowMs) break
      forget(engine)
    }
    return { asked: newest.size, silent, watchedMs: now - sinceMs }
  }

  function reset(): void {
    newest.clear()
    silent = 0
    sinceMs = elapsedMs()
  }
}

type Observe = (key: ObjectKey, signal: AbortSignal) => Promise<Observation | undefined>

/** Observations with what is known of the other engines, which each of them adds to. */
export function withSilence(observe: Observe, watch: Pick<SilenceWatch, 'note' | 'forget' | 'look'>): Observe {
  return async (key, signal) => {
    const observation = await observe(key, signal)
    if (!observation) return undefined
    const { uid } = observation.game.metadata
    const isSilent = isSilentOf(observation)
    if (isSilent === undefined) watch.forget(uid)
    else watch.note(uid, isSilent)
    return { ...observation, silence: watch.look() }
  }
}

/** Undefined for those that say nothing about the others: not up yet, ended, or on a node that is known to be away. */
function isSilentOf(observation: Observation): boolean | undefined {
  const { game, probe } = observation
  if (!probe) return undefined
  if (probe.state !== 'unreachable') return false
  return wasReady(game) && whyAway(observation) === undefined ? true : undefined
}

/** `look` is asked when the metrics are read; undefined on a replica that does not lead. */
export function silenceMetrics(registry: Metrics, policy: Pick<Policy, 'silence'>, look: () => Silence | undefined) {
  const silent = new Gauge({
    name: 'galaxy_engines_unreachable',
    help: 'Engines that were ready and did not answer when they were last asked.',
    registers: [],
    collect() {
      this.set(look()?.silent ?? 0)
    },
  })
  const held = new Gauge({
    name: 'galaxy_engine_replacement_held',
    help: '1 while no engine is replaced for its silence, because most do not answer.',
    registers: [],
    collect() {
      const silence = look()
      this.set(silence && isWidespread(silence, policy) ? 1 : 0)
    },
  })
  for (const metric of [silent, held]) registry.registerMetric(metric)
}
