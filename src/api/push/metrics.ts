import { Counter, Gauge } from 'prom-client'
import type { Metrics } from '../../platform/metrics.ts'
import type { Frame } from './frames.ts'

export type PushMetrics = ReturnType<typeof pushMetrics>

export function pushMetrics(metrics: Metrics) {
  const registers = [metrics]
  const subscribers = new Gauge({ name: 'push_subscribers', help: 'Gateways that hold a stream', registers })
  const frames = new Counter({
    name: 'push_frames_total',
    help: 'Frames sent to gateways, by kind',
    labelNames: ['kind'] as const,
    registers,
  })
  const gaps = new Counter({
    name: 'push_gaps_total',
    help: 'Streams that could not be resumed, by reason',
    labelNames: ['reason'] as const,
    registers,
  })
  const unreadable = new Counter({
    name: 'push_unreadable_rows_total',
    help: 'Rows of the outbox that could not be read and were passed over',
    registers,
  })
  return {
    subscribers,
    unreadable,
    sent: ({ kind }: Frame) => {
      frames.inc({ kind: kind.case ?? 'none' })
      if (kind.case === 'gap') gaps.inc({ reason: kind.value.reason })
    },
  }
}
