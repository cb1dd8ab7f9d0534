import { backoffMs } from '../../platform/backoff.ts'
import { type Clock, steadyClock } from '../../platform/clock.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { createDelayHeap } from './delay-heap.ts'
import { createQueueMeter } from './queue-meter.ts'

/**
 * Keys to work on, with client-go's semantics (https://pkg.go.dev/k8s.io/client-go/util/workqueue): a key waits at most
 * once, is never worked on twice at once, and comes back when it was added while it was worked on. Keys are compared
 * as a Map does, so use strings.
 */
export type WorkQueue<K> = {
  add: (key: K) => void
  /**
   * Adds later, whatever the clock is set to meanwhile; of several times for one key the earliest counts. A clock that is
   * set brings all keys at once: how long they were to wait was reckoned by the time before.
   */
  addAfter: (key: K, afterMs: number) => void
  /** Adds after the key's backoff, which grows with each call until `forget`. */
  addRateLimited: (key: K) => void
  forget: (key: K) => void
  /** How often the key was added by `addRateLimited` since it was forgotten. */
  retries: (key: K) => number
  /** The next key, to be given back by `done`; undefined when `signal` fires or the queue is shut down and empty. */
  take: (signal?: AbortSignal) => Promise<K | undefined>
  done: (key: K) => void
  /** Forgets all keys but those that are worked on, and their failures. */
  clear: () => void
  /** Refuses further keys; what waits is still handed out, what was to come later is not. */
  shutDown: () => void
  /** Resolves once the queue is shut down and no key waits or is worked on. */
  drained: () => Promise<void>
  /** Keys that wait for a worker. */
  size: () => number
}

type WorkQueueOptions = {
  name: string
  metrics: Metrics
  /** The time of day: only asked whether it was set. */
  clock: Clock
  /** What waits are measured by. */
  steady?: Clock
  backoff?: { baseMs: number; maxMs: number }
}

/** A timer never sleeps longer than this, so that a clock that was set, or a machine that slept, is noticed. */
const longestSleepMs = 15_000
/** Clocks that are kept right are moved by less. */
const setByMs = 2000

export function createWorkQueue<K>({
  name,
  metrics,
  clock,
  steady = steadyClock,
  backoff = { baseMs: 100, maxMs: 300_000 },
}: WorkQueueOptions): WorkQueue<K> {
  /** A key is in `dirty` when it is to be worked on, in `working` while it is; in `waiting` only in the first case. */
  const dirty = new Set<K>()
  const working = new Set<K>()
  const waiting = new Set<K>()
  let later = createDelayHeap<K>()
  const failures = new Map<K, number>()
  const takers = new Set<() => void>()
  const drain = Promise.withResolvers<void>()
  const meter = createQueueMeter<K>(name, metrics)
  let timer: NodeJS.Timeout | undefined
  let aheadMs = clockAheadMs()
  let closed = false

  function add(key: K): void {
    if (closed || dirty.has(key)) return
    meter.added(key)
    dirty.add(key)
    if (working.has(key)) return
    waiting.add(key)
    meter.depth(waiting.size)
    wakeOne()
  }

  function addAfter(key: K, afterMs: number): void {
    if (closed || afterMs === Number.POSITIVE_INFINITY) return
    // Not `afterMs <= 0`: what is no number comes at once instead of never.
    if (!(afterMs > 0)) return add(key)
    later.add(key, steadyMs() + afterMs)
    setTimer()
  }

  function addRateLimited(key: K): void {
    const count = (failures.get(key) ?? 0) + 1
    failures.set(key, count)
    meter.retried()
    addAfter(key, backoffMs(count, backoff))
  }

  function setTimer(): void {
    clearTimeout(timer)
    const nextAtMs = later.nextAtMs()
    if (nextAtMs === undefined) return
    const sleepMs = Math.min(longestSleepMs, Math.max(0, nextAtMs - steadyMs()))
    timer = setTimeout(() => {
      later.takeDue(wasClockSet() ? Number.POSITIVE_INFINITY : steadyMs()).forEach(add)
      setTimer()
    }, sleepMs)
    // A queue alone keeps no process alive.
    timer.unref()
  }

  function steadyMs(): number {
    return steady.now().getTime()
  }

  function clockAheadMs(): number {
    return clock.now().getTime() - steadyMs()
  }

  /** Since this was asked last. */
  function wasClockSet(): boolean {
    const before = aheadMs
    aheadMs = clockAheadMs()
    return Math.abs(aheadMs - before) > setByMs
  }

  function wakeOne(): void {
    const [taker] = takers
    if (!taker) return
    takers.delete(taker)
    taker()
  }

  async function take(signal?: AbortSignal): Promise<K | undefined> {
    for (;;) {
      if (signal?.aborted) break
      const next = waiting.values().next()
      if (!next.done) return begin(next.value)
      if (closed) return undefined
      await somethingWaits(signal)
    }
    // This one may have been woken for a key that it does not take.
    if (waiting.size > 0) wakeOne()
    return undefined
  }

  async function somethingWaits(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = () => resolve()
    takers.add(wake)
    signal?.addEventListener('abort', wake, { once: true })
    await promise
    signal?.removeEventListener('abort', wake)
    takers.delete(wake)
  }

  function begin(key: K): K {
    waiting.delete(key)
    dirty.delete(key)
    working.add(key)
    meter.depth(waiting.size)
    meter.begun(key)
    return key
  }

  function done(key: K): void {
    if (!working.delete(key)) return
    meter.ended(key)
    if (dirty.has(key)) {
      waiting.add(key)
      meter.depth(waiting.size)
      wakeOne()
    }
    settle()
  }

  function clear(): void {
    clearTimeout(timer)
    later = createDelayHeap<K>()
    failures.clear()
    dirty.clear()
    waiting.clear()
    meter.cleared()
    settle()
  }

  function settle(): void {
    if (closed && waiting.size === 0 && working.size === 0) drain.resolve()
  }

  return {
    add,
    addAfter,
    addRateLimited,
    forget: (key) => failures.delete(key),
    retries: (key) => failures.get(key) ?? 0,
    take,
    done,
    clear,
    shutDown: () => {
      closed = true
      clearTimeout(timer)
      takers.forEach((wake) => wake())
      settle()
    },
    drained: () => drain.promise,
    size: () => waiting.size,
  }
}
