import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Log, withRepeatLimit } from '../../platform/log.ts'
import { createHttpApp } from '../../platform/http.ts'
import { ApiError, badRequest, internalError, noSuchResource, tooLarge, unavailable } from './api-error.ts'
import type { Authenticate } from './authenticate.ts'
import type { Gate } from './gate.ts'
import { parseRequest, type ResourceRequest } from './request-info.ts'
import { type Answer, answerStatus, type Call, warningHeader } from './routes/answer.ts'
import type { AnswerPath } from './routes/discovery.ts'
import type { Watches } from './routes/watch.ts'
import type { Store } from './store/index.ts'

export type ServerDeps = {
  log: Log
  store: Store
  authenticate: Authenticate
  discovery: AnswerPath
  resources: (info: ResourceRequest, call: Call) => Promise<Answer>
  watches: Watches
  gate: Gate
}

/** What the API server of a cluster takes. */
const bodyLimit = 3 * 1024 * 1024

/** The HTTP side: who asks, for what, and the answer on the wire. */
export function createServer({
  log,
  store,
  authenticate,
  discovery,
  resources,
  watches,
  gate,
}: ServerDeps): FastifyInstance {
  // A line for every request of every kubectl would be noise: errors are logged.
  const app = createHttpApp({ log: withRepeatLimit(log).child({}, { level: 'warn' }), bodyLimit })
  // A scope of its own, because errors here are `Status` objects.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.setErrorHandler(answerError)
    for (const path of ['/healthz', '/livez', '/readyz']) scope.get(path, health)
    scope.register(async (guarded) => {
      guarded.decorateRequest('user')
      // Before the body is read: who has no token gets no work done.
      guarded.addHook('onRequest', async (request) => {
        request.setDecorator('user', authenticate(request.headers.authorization))
      })
      guarded.route({ method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], url: '*', handler: answer })
    })
  })
  return app

  function health(_request: FastifyRequest, reply: FastifyReply) {
    const ok = store.state === 'open' || store.state === 'recovering'
    return reply
      .code(ok ? 200 : 503)
      .type('text/plain')
      .send(ok ? 'ok' : `the database is ${store.state}`)
  }

  function answer(request: FastifyRequest, reply: FastifyReply) {
    return gate.pass(() => dispatch(request, reply))
  }

  async function dispatch(request: FastifyRequest, reply: FastifyReply) {
    const info = parseRequest(request.method, request.url)
    if (!info) throw noSuchResource()
    if (info.at === 'path') return send(reply, discovery(info.path, request.headers))
    // Another process writes: what is in memory here may be old.
    if (store.state === 'superseded') throw unavailable('another process serves these objects')
    if (info.verb === 'watch') return watches.start(info, request, reply)
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    return send(reply, await resources(info, { user: request.getDecorator('user'), headers: request.headers, body }))
  }

  function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
    return send(reply, answerStatus(asApiError(error, request)))
  }
}

function asApiError(error: FastifyError, request: FastifyRequest): ApiError {
  if (error instanceof ApiError) return error
  if (error.statusCode === 413) return tooLarge(`Request entity too large: limit is ${bodyLimit}`)
  // Fastify's own refusals.
  if (error.statusCode !== undefined && error.statusCode < 500) return badRequest(error.message)
  request.log.error({ err: error }, 'unhandled')
  return internalError()
}

function send(reply: FastifyReply, { code, body, type, warnings }: Answer) {
  if (warnings.length > 0) reply.header('warning', warnings.map(warningHeader))
  // Clients repeat a request by themselves when they are told how long to wait.
  if (code === 503) reply.header('retry-after', '1')
  return reply.code(code).type(type).header('cache-control', 'no-cache, private').send(body)
}
