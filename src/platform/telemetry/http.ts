import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Scope, scopes, type Tracer } from './scope.ts'
import { parseTraceparent } from './traceparent.ts'

export type HttpTracing = {
  tracer: Tracer
  /** Whether callers are ours: a stranger's trace is not gone on with. */
  continues: boolean
}

/** Asked every few seconds by whoever watches the process, with nothing to learn from. */
const probes: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz'])

/** Makes each request a span, named after its route. To be called before any other hook is added. */
export function traceRequests(app: FastifyInstance, { tracer, continues }: HttpTracing): void {
  const scopeOf = new WeakMap<FastifyRequest, Scope>()
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, headers, routeOptions } = request
    const route = routeOptions.url
    const scope = probes.has(route)
      ? undefined
      : tracer.begin(route === undefined ? method : `${method} ${route}`, {
          kind: 'server',
          // Not the path: it has ids in it, and the query may have anything.
          attributes: { 'http.request.method': method, ...(route !== undefined && { 'http.route': route }) },
          parent: continues ? parseTraceparent(headers.traceparent) : undefined,
        })
    if (!scope) return done()
    scopeOf.set(request, scope)
    scopes.run(scope, done)
  })
  app.addHook('onResponse', async (request, { statusCode }) => {
    const scope = scopeOf.get(request)
    scope?.note({ 'http.response.status_code': statusCode })
    if (statusCode >= 500) scope?.fail(String(statusCode))
    scope?.end()
  })
}
