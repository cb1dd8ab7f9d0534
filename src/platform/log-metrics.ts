import { Counter } from 'prom-client'
import type { Metrics } from './metrics.ts'
import { droppedByProcess, dropReasons, type Drops } from './output/index.ts'

/** Counts the lines of the log that were not written. */
export function logMetrics(metrics: Metrics, dropped: Readonly<Drops> = droppedByProcess): void {
  const counter: Counter<'reason'> = new Counter({
    name: 'galaxy_log_lines_dropped_total',
    help:
      'Lines of the log that were not written: blocked (nobody reads), no_space, closed (by the reader), ' +
      'failed (another error), too_long, repeated (more of a kind than are written)',
    labelNames: ['reason'] as const,
    registers: [metrics],
    collect: () => {
      counter.reset()
      for (const reason of dropReasons) counter.inc({ reason }, dropped[reason])
    },
  })
}
