import { Counter, Gauge } from 'prom-client'
import type { Metrics } from '../../platform/metrics.ts'

type Sources = {
  /** When the mail was enqueued that has waited longest. */
  oldestWaiting: () => Promise<Date | null>
  circuitOpen: () => boolean
  inProgress: () => readonly { lane: string; attempts: number }[]
  now: () => Date
}

/** Counts what becomes of deliveries, and measures what waits when the metrics are read. */
export function mailMetrics(metrics: Metrics | undefined, { oldestWaiting, circuitOpen, inProgress, now }: Sources) {
  const registers = metrics ? [metrics] : []
  const deliveries = new Counter({
    name: 'galaxy_mail_deliveries_total',
    help: 'Attempts to send mail by how they ended',
    labelNames: ['kind', 'outcome'] as const,
    registers,
  })
  const oldest = new Gauge({
    name: 'galaxy_mail_oldest_waiting_seconds',
    help: 'Age of the mail that has waited longest; 0 when none waits',
    registers,
    collect: async () => {
      // Without the database there is nothing to tell, and the other metrics matter all the more.
      const since = await oldestWaiting().catch(() => undefined)
      if (since !== undefined) oldest.set(since ? Math.max(0, now().getTime() - since.getTime()) / 1000 : 0)
    },
  })
  const circuit: Gauge = new Gauge({
    name: 'galaxy_mail_circuit_open',
    help: '1 while the mail server refuses us as a whole and nothing is sent',
    registers,
    collect: () => circuit.set(circuitOpen() ? 1 : 0),
  })
  const attempts: Gauge<'lane'> = new Gauge({
    name: 'galaxy_mail_attempts_in_progress',
    help: 'Attempts to send mail that are in progress, by lane',
    labelNames: ['lane'] as const,
    registers,
    collect: () => inProgress().forEach((each) => attempts.set({ lane: each.lane }, each.attempts)),
  })
  return { count: (kind: string, outcome: string) => deliveries.inc({ kind, outcome }) }
}
