import { Counter } from 'prom-client'
import type { Metrics } from '../../platform/metrics.ts'

/** Counts the changes of games that can never be announced. */
export function announcerMetrics(metrics: Metrics) {
  const dropped = new Counter({
    name: 'galaxy_game_announcements_set_aside_total',
    help: 'Changes of games whose announcement the database refuses for good',
    registers: [metrics],
  })
  return { dropped }
}
