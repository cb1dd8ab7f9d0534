import type { BlockList } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../platform/clock.ts'
import {
  type CorsPolicy,
  corsHeaders,
  isPreflight,
  slowClientLimits,
  stripIdentityHeaders,
} from '../../platform/connect-listener/index.ts'
import { createHttpApp } from '../../platform/http.ts'
import type { Log } from '../../platform/log.ts'
import type { Metrics } from '../../platform/metrics.ts'
import type { Tracer } from '../../platform/telemetry/index.ts'
import type { BackendClient } from '../backend/index.ts'
import type { Signer } from '../signer/index.ts'
import { publicAuthRoutes } from './auth.ts'
import { createClientAddress } from './client-address.ts'
import { keysRoutes } from './keys.ts'
import { type ProbeOptions, probeRoutes } from './probes.ts'

export type PublicAppOptions = ProbeOptions & {
  backend: Pick<BackendClient, 'call'>
  signer: Pick<Signer, 'keys'>
  audience: string
  trustedProxies: BlockList
  corsOrigins: readonly string[]
  clock: Clock
  tracer?: Tracer
  metrics?: Metrics
  log: Log
}

const bodyLimit = 16_384

/** The public listener: what can be asked before signing in, and the probes. */
export function createPublicApp(options: PublicAppOptions): FastifyInstance {
  const { backend, signer, audience, clock, state, tracer, metrics, log } = options
  // Strangers come here: their traces are theirs.
  const app = createHttpApp({ log, bodyLimit, metrics, tracing: tracer && { tracer, continues: false } })
  // Read when the server begins to listen.
  Object.assign(app.server, slowClientLimits)
  const clientAddress = createClientAddress(options.trustedProxies)
  const addressOf = ({ socket, headers }: FastifyRequest) =>
    clientAddress(socket.remoteAddress, headers['x-forwarded-for'])
  app.addHook('onRequest', async (request) => stripIdentityHeaders(request.headers))
  app.addHook('onRequest', answerOtherOrigins(options.corsOrigins))
  app.register(publicAuthRoutes({ backend, addressOf }), { prefix: '/api/v1/public/auth' })
  app.register(keysRoutes({ signer, audience, clock }), { prefix: '/api/v1/public' })
  app.register(probeRoutes({ state }))
  return app
}

function answerOtherOrigins(origins: readonly string[]) {
  const policy: CorsPolicy = {
    origins,
    methods: ['GET', 'POST'],
    requestHeaders: ['Content-Type'],
    exposedHeaders: ['Retry-After'],
  }
  return async (request: FastifyRequest, reply: FastifyReply) => {
    if (!request.url.startsWith('/api/v1/public/')) return
    reply.headers(corsHeaders(policy, request))
    if (isPreflight(request)) return reply.code(204).send()
  }
}
