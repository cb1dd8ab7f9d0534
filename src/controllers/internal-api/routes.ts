import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { readInput } from '../../platform/input.ts'
import type { ObjectKey } from '../../platform/kubernetes/objects.ts'
import { requireServiceToken } from '../../platform/service-token.ts'
import { asOutage } from './outage.ts'
import type { InternalApiService } from './service.ts'
import type { Wakes } from './wakes.ts'

const Name = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'must be the name of a Game')
const Params = z.object({ name: Name })
const Query = z.object({ namespace: Name.default('default') })
const IdempotencyKey = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII')
  .optional()

/** How long the caller waits, in milliseconds; nobody is held longer than a minute. */
const RequestTimeout = z
  .string()
  .regex(/^[0-9]{1,9}$/, 'must be a number of milliseconds')
  .prefault('20000')
  .transform((text) => Math.min(60_000, Number(text)))

export type InternalApiOptions = { service: InternalApiService; wakes: Wakes; serviceToken: string | undefined }

/** What the api (and the lobby in it) asks of the controllers. */
export function internalApiRoutes({ service, wakes, serviceToken }: InternalApiOptions) {
  return async (app: FastifyInstance) => {
    // Thrown on, it comes to the handler of the whole app.
    app.setErrorHandler<Error>((error) => {
      throw asOutage(error)
    })
    app.addHook('onRequest', requireServiceToken(serviceToken))

    app.get('/healthz', async () => ({ status: 'ok' }))

    app.post('/games/:name/register-runtime', async ({ params, query }) =>
      service.registerRuntime(keyOf(params, query)),
    )

    app.post('/games/:name/force-next-turn', async ({ params, query, headers }, reply) => {
      const idempotencyKey = readInput(IdempotencyKey, headers['idempotency-key'])
      return reply.code(202).send(await service.forceNextTurn(keyOf(params, query), idempotencyKey))
    })

    app.post('/games/:name/activity', async ({ params, query }) => service.activity(keyOf(params, query)))

    app.post('/games/:name/wake', async ({ params, query, headers }, reply) => {
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const timeoutMs = readInput(RequestTimeout, headers['x-request-timeout-ms'])
      return wakes.wake(keyOf(params, query), { timeoutMs, signal: gone.signal })
    })

    app.get('/games/:name/engine', async ({ params, query }) => service.engine(keyOf(params, query)))
  }
}

function keyOf(params: unknown, query: unknown): ObjectKey {
  return { name: readInput(Params, params).name, namespace: readInput(Query, query).namespace }
}
