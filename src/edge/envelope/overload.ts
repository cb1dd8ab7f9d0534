import { performance } from 'node:perf_hooks'
import { Counter } from 'prom-client'
import { Refusal } from '../../platform/errors.ts'
import type { Metrics } from '../../platform/metrics.ts'

/** How often this process is measured. */
const beatMs = 100
/** The event loop is late when it comes to its work this late so many times in a row: a single pause sheds nothing. */
const maxLoopDelayMs = 1000
const lateBeats = 3
/** The event loop is saturated when it hardly ever waits. */
const saturation = 0.9
/** Clients give up after 10 s: a call that would wait for this process about as long is better off elsewhere, or later. */
const maxWaitMs = 8000
/** So many calls are let in whatever the rate, which says little right after the start. */
const minCalls = 256
/** How much of the rate a measurement makes up. */
const weight = 0.2
const retryAfterMs = 1000

export type Overload = Disposable & {
  /**
   * Lets a call in, which counts as waiting until it is disposed of, or refuses it before anything is spent on it.
   * @throws Refusal `overloaded`, with `retry_after_ms`
   */
  admit: () => Disposable
}

/** One beat: how long since the one before, how late it came, and which part of the time the event loop was busy. */
export type Beat = { elapsedMs: number; delayMs: number; utilization: number }

export function overloadMetrics(metrics: Metrics) {
  return {
    shed: new Counter({
      name: 'gateway_calls_shed_total',
      help: 'Signed calls refused because this edge had no CPU left for them',
      registers: [metrics],
    }),
  }
}

/** Sheds load while this process itself is the bottleneck, by what it measures of its event loop. */
export function createOverload({ metrics }: { metrics: Metrics }): Overload {
  const { shed } = overloadMetrics(metrics)
  const judge = createOverloadJudge()
  let beforeMs = performance.now()
  let before = performance.eventLoopUtilization()
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - beforeMs
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    judge.beat({ elapsedMs, delayMs: elapsedMs - beatMs, utilization })
    beforeMs += elapsedMs
    before = now
  }, beatMs)
  timer.unref()

  return {
    admit() {
      const call = judge.enter()
      if (call) return call
      shed.inc()
      const message = 'This gateway is overloaded and has not looked at the request; try again.'
      throw new Refusal('unavailable', 'overloaded', message, { details: { retry_after_ms: retryAfterMs } })
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

/**
 * Decides which calls are let in. Two things show overload: an event loop that keeps coming late, and one that is
 * saturated while more calls wait than it gets done in `maxWaitMs` at its present rate. Calls that wait for something
 * else, on a loop that is idle, never do.
 */
export function createOverloadJudge() {
  let late = 0
  let isSaturated = false
  let waiting = 0
  let done = 0
  /** Calls a millisecond; undefined until one is done. */
  let rate: number | undefined

  const isOverloaded = () =>
    late >= lateBeats || (isSaturated && rate !== undefined && waiting >= Math.max(minCalls, rate * maxWaitMs))

  return {
    beat({ elapsedMs, delayMs, utilization }: Beat): void {
      late = delayMs > maxLoopDelayMs ? late + 1 : 0
      isSaturated = utilization > saturation
      // What this process can do shows only while there is more to do.
      if (isSaturated) rate = smoothed(rate, done / elapsedMs)
      done = 0
    },
    /** Undefined when the call is not let in. */
    enter(): Disposable | undefined {
      if (isOverloaded()) return undefined
      waiting += 1
      return {
        [Symbol.dispose]: () => {
          waiting -= 1
          done += 1
        },
      }
    },
  }
}

function smoothed(rate: number | undefined, measured: number): number | undefined {
  if (rate === undefined) return measured > 0 ? measured : undefined
  return rate + weight * (measured - rate)
}
