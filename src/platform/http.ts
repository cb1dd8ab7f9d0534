import { type FastifyBaseLogger, type FastifyInstance, type FastifyServerFactory, fastify } from 'fastify'
import { messageOf, StartupError } from './errors.ts'
import { needsCare, parseExactJson } from './exact-json.ts'
import { measureRequests } from './http-metrics.ts'
import type { Log } from './log.ts'
import { createMalformedRequestHandler, refuseExpectation } from './malformed-requests.ts'
import type { Metrics } from './metrics.ts'
import type { ListenAddress } from './settings.ts'
import { type HttpTracing, traceRequests } from './telemetry/index.ts'
import { answerHttpError, answerHttpNotFound, requireHost } from './wire.ts'

export type HttpAppOptions = {
  log: Log
  bodyLimit?: number
  /** For a server of another kind than plain HTTP. */
  serverFactory?: FastifyServerFactory
  tracing?: HttpTracing | undefined
  /** Where requests are counted; of the apps of a process, one may. */
  metrics?: Metrics | undefined
}

/** A Fastify instance with our errors, limits and timeouts. */
export function createHttpApp(options: HttpAppOptions): FastifyInstance {
  const { log, bodyLimit = 1_048_576, serverFactory, tracing, metrics } = options
  const logger: FastifyBaseLogger = log
  const malformed = createMalformedRequestHandler()
  const app = fastify({
    loggerInstance: logger,
    bodyLimit,
    requestTimeout: 15_000,
    forceCloseConnections: true,
    // Node.js and Fastify have answers of their own for what never comes to a route.
    clientErrorHandler: malformed.handle,
    frameworkErrors: (error, request, reply) => void answerHttpError(error, request, reply),
    http: { requireHostHeader: false, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 },
    ...(serverFactory && { serverFactory }),
  })
  if (tracing) traceRequests(app, tracing)
  if (metrics) measureRequests(app, metrics)
  readNumbersExactly(app)
  app.server.on('request', malformed.track)
  app.server.on('checkExpectation', refuseExpectation)
  app.addHook('onRequest', requireHost)
  app.setErrorHandler(answerHttpError)
  app.setNotFoundHandler(answerHttpNotFound)
  return app
}

/** What is opaque to us (settings, orders) is handed on with all the digits of its numbers. */
function readNumbersExactly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) =>
    // The framework's own parser refuses what is no JSON, and what would poison prototypes.
    parse(request, body, (error, value) => (error ? done(error) : done(null, exactly(body, value)))),
  )
}

function exactly(text: string, value: unknown): unknown {
  return needsCare(text) ? parseExactJson(text) : value
}

/** An open listener: `url` is how to reach it from this machine. */
export type Listener = AsyncDisposable & { url: string; port: number }

/**
 * Binds the listener.
 * @throws StartupError naming `setting` when the address cannot be bound
 */
export async function listen(app: FastifyInstance, address: ListenAddress, setting: string): Promise<Listener> {
  try {
    await app.listen(address)
  } catch (error) {
    throw new StartupError(`${setting}: cannot listen on ${address.host}:${address.port}: ${messageOf(error)}`)
  }
  const bound = app.server.address()
  const port = typeof bound === 'object' && bound ? bound.port : address.port
  const host = address.host === '::' || address.host === '0.0.0.0' ? '127.0.0.1' : address.host
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    [Symbol.asyncDispose]: () => app.close(),
  }
}

/** The metrics listener: `GET /metrics` in Prometheus text, nothing else. */
export function metricsApp(metrics: Metrics, log: Log, tracing?: HttpTracing): FastifyInstance {
  const app = createHttpApp({ log, tracing })
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()))
  return app
}
