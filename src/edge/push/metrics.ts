import { Counter, Gauge, Histogram } from 'prom-client'
import type { Metrics } from '../../platform/metrics.ts'
import type { End } from './ends.ts'

export type HubMetrics = ReturnType<typeof hubMetrics>

export function hubMetrics(metrics: Metrics) {
  const registers = [metrics]
  const ended = new Counter({
    name: 'gateway_event_streams_ended_total',
    help: 'Event streams that the gateway ended, by reason',
    labelNames: ['reason'] as const,
    registers,
  })
  return {
    open: new Gauge({ name: 'gateway_event_streams', help: 'Open event streams of clients', registers }),
    ended: (reason: End) => ended.inc({ reason }),
    queued: new Counter({
      name: 'gateway_events_queued_total',
      help: 'Pushed events put into the queue of a stream',
      registers,
    }),
  }
}

export function pushClientMetrics(metrics: Metrics) {
  const registers = [metrics]
  return {
    up: new Gauge({
      name: 'gateway_push_up',
      help: '1 while the stream from the backend is open and caught up',
      registers,
    }),
    failures: new Counter({
      name: 'gateway_push_disconnects_total',
      help: 'Times the stream from the backend ended or could not be opened',
      registers,
    }),
    lag: new Histogram({
      name: 'gateway_push_lag_seconds',
      help: 'From an event’s commit in the backend to its arrival here, by the clocks of both',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
  }
}
