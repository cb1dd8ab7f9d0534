import { Counter } from 'prom-client'
import { Refusal } from '../../platform/errors.ts'
import type { Metrics } from '../../platform/metrics.ts'

/** How often the delay of the event loop is measured. */
const beatMs = 100
/** So many measurements in a row: a pause for garbage, or a burst that is over, sheds nothing. */
const beats = 3
const retryAfterMs = 1000

export type Overload = Disposable & {
  /**
   * Lets a call in, or refuses it before anything is spent on it.
   * @throws Refusal `overloaded`, with `retry_after_ms`
   */
  admit: () => void
  /** A measurement: the loop came to its work `delayMs` late. */
  measured: (delayMs: number) => void
}

export function overloadMetrics(metrics: Metrics) {
  return {
    shed: new Counter({
      name: 'gateway_calls_shed_total',
      help: 'Signed calls refused because this edge had no CPU left for them',
      registers: [metrics],
    }),
  }
}

export type OverloadOptions = { metrics: Metrics; maxDelayMs?: number; nowMs?: () => number }

/**
 * Sheds load while the event loop itself is the bottleneck: while it has been more than `maxDelayMs` late several times
 * in a row, a call that were let in would only delay those that already are.
 */
export function createOverload({
  metrics,
  maxDelayMs = 1000,
  nowMs = () => performance.now(),
}: OverloadOptions): Overload {
  const { shed } = overloadMetrics(metrics)
  let lateBeats = 0
  let dueMs = nowMs() + beatMs

  const measured = (delayMs: number) => {
    lateBeats = delayMs > maxDelayMs ? lateBeats + 1 : 0
  }
  const timer = setInterval(() => {
    measured(nowMs() - dueMs)
    dueMs = nowMs() + beatMs
  }, beatMs)
  timer.unref()

  return {
    measured,
    admit() {
      if (lateBeats < beats) return
      shed.inc()
      const message = 'This gateway is overloaded and has not looked at the request; try again.'
      throw new Refusal('unavailable', 'overloaded', message, { details: { retry_after_ms: retryAfterMs } })
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
