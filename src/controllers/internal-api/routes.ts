import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { readInput } from '../../platform/input.ts'
import type { ObjectKey } from '../../platform/kubernetes/objects.ts'
import { requireServiceToken } from '../../platform/service-token.ts'
import type { InternalApiService } from './service.ts'

const Name = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'must be the name of a Game')
const Params = z.object({ name: Name })
const Query = z.object({ namespace: Name.default('default') })
const IdempotencyKey = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII')
  .optional()

export type InternalApiOptions = { service: InternalApiService; serviceToken: string | undefined }

/** What the api (and the lobby in it) asks of the controllers. */
export function internalApiRoutes({ service, serviceToken }: InternalApiOptions) {
  return async (app: FastifyInstance) => {
    app.addHook('onRequest', requireServiceToken(serviceToken))

    app.get('/healthz', async () => ({ status: 'ok' }))

    app.post('/games/:name/register-runtime', async ({ params, query }) =>
      service.registerRuntime(keyOf(params, query)),
    )

    app.post('/games/:name/force-next-turn', async ({ params, query, headers }, reply) => {
      const idempotencyKey = readInput(IdempotencyKey, headers['idempotency-key'])
      return reply.code(202).send(await service.forceNextTurn(keyOf(params, query), idempotencyKey))
    })

    app.get('/games/:name/engine', async ({ params, query }) => service.engine(keyOf(params, query)))
  }
}

function keyOf(params: unknown, query: unknown): ObjectKey {
  return { name: readInput(Params, params).name, namespace: readInput(Query, query).namespace }
}
