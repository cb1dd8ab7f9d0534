import type { Metrics } from '../../platform/metrics.ts'
import { queueMetrics } from './metrics.ts'

/** Keeps a work queue's metrics. Durations are measured, not told by the clock: setting the time does not bend them. */
export function createQueueMeter<K>(name: string, metrics: Metrics) {
  const all = queueMetrics(metrics)
  const labels = { name, controller: name }
  const addedAtMs = new Map<K, number>()
  const begunAtMs = new Map<K, number>()

  function measure(): void {
    const now = performance.now()
    const seconds = [...begunAtMs.values()].map((since) => (now - since) / 1000)
    all.unfinished.set(
      labels,
      seconds.reduce((sum, each) => sum + each, 0),
    )
    all.longest.set(labels, Math.max(0, ...seconds))
  }

  all.queues.add(measure)
  all.depth.set(labels, 0)
  all.adds.inc(labels, 0)
  all.retries.inc(labels, 0)

  return {
    depth: (keys: number) => all.depth.set(labels, keys),
    retried: () => all.retries.inc(labels),
    added: (key: K) => {
      all.adds.inc(labels)
      addedAtMs.set(key, performance.now())
    },
    cleared: () => {
      all.depth.set(labels, 0)
      addedAtMs.clear()
    },
    begun: (key: K) => {
      const now = performance.now()
      all.queueDuration.observe(labels, (now - (addedAtMs.get(key) ?? now)) / 1000)
      addedAtMs.delete(key)
      begunAtMs.set(key, now)
    },
    ended: (key: K) => {
      const now = performance.now()
      all.workDuration.observe(labels, (now - (begunAtMs.get(key) ?? now)) / 1000)
      begunAtMs.delete(key)
    },
  }
}
