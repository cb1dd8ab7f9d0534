import { Counter, Gauge, Histogram } from 'prom-client'
import type { Metrics } from '../../platform/metrics.ts'

/** Several controllers share one registry, so each group of metrics is made once for it. */
function oncePerRegistry<T>(create: (metrics: Metrics) => T): (metrics: Metrics) => T {
  const made = new WeakMap<Metrics, T>()
  return (metrics) => {
    const group = made.get(metrics) ?? create(metrics)
    made.set(metrics, group)
    return group
  }
}

/**
 * Names, labels and buckets of controller-runtime, so that its dashboards and alerts work here, too:
 * https://github.com/kubernetes-sigs/controller-runtime/blob/main/pkg/metrics/workqueue.go
 */
export const queueMetrics = oncePerRegistry((metrics) => {
  const registers = [metrics]
  const labelNames = ['name', 'controller'] as const
  const buckets = Array.from({ length: 12 }, (_, power) => 1e-8 * 10 ** power)
  /** Queues, asked when the metrics are read: how long work takes is only known while it lasts. */
  const queues = new Set<() => void>()
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames, registers })
  return {
    queues,
    adds: new Counter({ name: 'workqueue_adds_total', help: 'Adds handled by the work queue', labelNames, registers }),
    retries: new Counter({
      name: 'workqueue_retries_total',
      help: 'Retries handled by the work queue',
      labelNames,
      registers,
    }),
    depth: gauge('workqueue_depth', 'Keys that wait for a worker'),
    queueDuration: new Histogram({
      name: 'workqueue_queue_duration_seconds',
      help: 'How long a key waits for a worker',
      labelNames,
      buckets,
      registers,
    }),
    workDuration: new Histogram({
      name: 'workqueue_work_duration_seconds',
      help: 'How long working on a key takes',
      labelNames,
      buckets,
      registers,
    }),
    unfinished: new Gauge({
      name: 'workqueue_unfinished_work_seconds',
      help: 'Seconds of work in progress, all keys together: grows for ever when workers are stuck',
      labelNames,
      registers,
      collect: () => queues.forEach((measure) => measure()),
    }),
    longest: gauge(
      'workqueue_longest_running_processor_seconds',
      'Seconds that the longest work in progress has taken',
    ),
  }
})

/** https://github.com/kubernetes-sigs/controller-runtime/blob/main/pkg/internal/controller/metrics/metrics.go */
export const controllerMetrics = oncePerRegistry((metrics) => {
  const registers = [metrics]
  const labelNames = ['controller'] as const
  const counter = (name: string, help: string) => new Counter({ name, help, labelNames, registers })
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames, registers })
  return {
    reconciles: new Counter({
      name: 'controller_runtime_reconcile_total',
      help: 'Reconciliations by result: success, error, requeue, requeue_after',
      labelNames: ['controller', 'result'] as const,
      registers,
    }),
    errors: counter('controller_runtime_reconcile_errors_total', 'Reconciliations that failed'),
    terminalErrors: counter('controller_runtime_terminal_reconcile_errors_total', 'Reconciliations given up'),
    time: new Histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'How long a reconciliation takes',
      labelNames,
      buckets: [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5,
        1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
      ],
      registers,
    }),
    activeWorkers: gauge('controller_runtime_active_workers', 'Workers that reconcile now'),
    maxWorkers: gauge('controller_runtime_max_concurrent_reconciles', 'Workers there are'),
  }
})

/** https://github.com/kubernetes-sigs/controller-runtime/blob/main/pkg/metrics/leaderelection.go */
export const electionMetrics = oncePerRegistry((metrics) => ({
  master: new Gauge({
    name: 'leader_election_master_status',
    help: '1 while this process holds the lease',
    labelNames: ['name'] as const,
    registers: [metrics],
  }),
}))
