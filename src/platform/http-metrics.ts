import type { FastifyInstance } from 'fastify'
import { Histogram } from 'prom-client'
import type { Metrics } from './metrics.ts'

/** Asked every few seconds by whoever watches the process: they would drown the rest. */
const probes: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz'])

/** Counts requests and times them, by route and outcome: both from fixed sets, whatever a client makes up. */
export function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  const duration = requestDuration(metrics)
  app.addHook('onResponse', async ({ method, routeOptions }, reply) => {
    const { url: route } = routeOptions
    if (probes.has(route)) return
    const labels = { method, route: route ?? 'none', status: String(reply.statusCode) }
    duration.observe(labels, reply.elapsedTime / 1000)
  })
}

export function requestDuration(metrics: Metrics) {
  return new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'How long HTTP requests took, by route.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [metrics],
  })
}
