import { Counter } from 'prom-client'
import { Refusal } from '../../platform/errors.ts'
import type { Metrics } from '../../platform/metrics.ts'

/** The codes of the refusals; `gone`: the caller did not wait for an answer; `error`: the platform is not well. */
const results = [
  'ready',
  'engine_start_failed',
  'wake_timeout',
  'wake_queue_full',
  'game_stopped',
  'game_not_found',
  'gone',
  'error',
] as const
type Result = (typeof results)[number]

/** Counts the callers that asked for an engine to be awake. On every replica: any of them may be asked. */
export function wakeMetrics(metrics: Metrics) {
  const calls = new Counter({
    name: 'galaxy_wake_calls_total',
    help: 'Calls that asked for an engine to be awake, by what they were answered: ready, or why not',
    labelNames: ['result'] as const,
    registers: [metrics],
  })
  // There from the beginning: the first one that fails would not be an increase else.
  for (const result of results) calls.inc({ result }, 0)
  return { answered: () => calls.inc({ result: 'ready' }), failed }

  function failed(error: unknown, isGone: boolean): void {
    const reason = error instanceof Refusal ? error.reason : undefined
    calls.inc({ result: isGone ? 'gone' : (results.find((each) => each === reason) ?? ('error' satisfies Result)) })
  }
}
