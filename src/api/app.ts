import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { countRequests } from '../platform/drain.ts'
import { createHttpApp } from '../platform/http.ts'
import { isObject } from '../platform/json.ts'
import type { Log } from '../platform/log.ts'
import type { Metrics } from '../platform/metrics.ts'
import { requireServiceToken } from '../platform/service-token.ts'
import type { HttpTracing } from '../platform/telemetry/index.ts'
import { authPublicRoutes, type AuthService } from './auth/index.ts'
import { gameRoutes, type GamesService } from './games/index.ts'
import { describeRoutes } from './openapi.ts'
import { asOutage } from './outage.ts'
import type { Readiness } from './readiness.ts'
import { internalSessionRoutes, type SessionsService, userSessionRoutes } from './sessions/index.ts'
import { internalUserRoutes, userAccountRoutes, type UsersService } from './users/index.ts'

export type AppNeeds = {
  services: { users: UsersService; sessions: SessionsService; auth: AuthService; games: GamesService }
  readiness: Readiness
  serviceToken: string | undefined
  docs: boolean
  tracing?: HttpTracing
  metrics?: Metrics
  log: Log
}

/** The HTTP listener's routes. Identity headers count under `user`, because only gateways have the service credential. */
export async function createApiApp({ services, readiness, serviceToken, docs, tracing, metrics, log }: AppNeeds) {
  const app = createHttpApp({ log, bodyLimit: 262_144, tracing, metrics })
  // Probes are answered to the end: an orchestrator that hears nothing kills.
  const requests = countRequests(app, (url) => url.startsWith('/api/'))
  const { users, sessions, auth, games } = services
  identifyRequests(app)
  await describeRoutes(app, { docs })
  probes(app, readiness)
  app.register(
    async (api) => {
      // Thrown on, it comes to the handler of the whole app.
      api.setErrorHandler<Error>((error) => {
        throw asOutage(error)
      })
      api.register(authPublicRoutes(auth), { prefix: '/public' })
      api.register(userGroup, { prefix: '/user' })
      api.register(internalGroup, { prefix: '/internal' })
    },
    { prefix: '/api/v1' },
  )
  return { app, requests }

  async function userGroup(group: FastifyInstance) {
    group.addHook('onRequest', requireServiceToken(serviceToken))
    group.register(userAccountRoutes(users))
    group.register(userSessionRoutes(sessions))
    group.register(gameRoutes(games))
  }

  async function internalGroup(group: FastifyInstance) {
    group.addHook('onRequest', requireServiceToken(serviceToken))
    group.get('/healthz', async () => ({ status: 'ok' }))
    group.register(internalUserRoutes(users))
    group.register(internalSessionRoutes(sessions))
  }
}

function probes(app: FastifyInstance, readiness: Readiness): void {
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const waitingFor = readiness.waitingFor()
    if (readiness.draining()) return reply.code(503).send({ status: 'draining' })
    if (waitingFor.length > 0) return reply.code(503).send({ status: 'starting', waiting_for: waitingFor })
    return { status: 'ready' }
  })
}

/** The request's id comes back in a header and, beside the path, in every problem document. */
function identifyRequests(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ headers }, reply) => {
    const given = headers['x-request-id']
    reply.header('x-request-id', typeof given === 'string' && requestId.test(given) ? given : randomUUID())
  })
  app.addHook('onSend', async (request, reply, payload) =>
    isProblem(reply) ? completed(payload, request, reply) : payload,
  )
}

const requestId = /^[\x21-\x7e]{1,128}$/

function isProblem(reply: FastifyReply): boolean {
  return String(reply.getHeader('content-type')).startsWith('application/problem+json')
}

function completed(payload: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
  const problem: unknown = typeof payload === 'string' ? JSON.parse(payload) : undefined
  if (!isObject(problem)) return payload
  const [instance] = request.url.split('?')
  return JSON.stringify({ ...problem, instance, request_id: reply.getHeader('x-request-id') })
}
