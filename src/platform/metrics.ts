import { collectDefaultMetrics, Registry } from 'prom-client'

export type Metrics = Registry

/** A process's own registry: nothing is registered globally, so that several processes can live in one. */
export function createMetrics({ runtime }: { runtime: boolean }): Metrics {
  const registry = new Registry()
  if (runtime) collectDefaultMetrics({ register: registry })
  return registry
}
