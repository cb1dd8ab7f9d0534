import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../platform/clock.ts'
import type { Signer } from '../signer/index.ts'

export type KeysOptions = { signer: Pick<Signer, 'keys'>; audience: string; clock: Clock }

/** What a client needs to know before it can sign and verify. */
export function keysRoutes({ signer, audience, clock }: KeysOptions) {
  return async (app: FastifyInstance) => {
    // Not longer: clients take the time from it, and a clock that is behind by as much must not make requests stale.
    app.get('/keys', async (_request, reply) =>
      reply
        .header('cache-control', 'public, max-age=5')
        .send({ keys: signer.keys(), audience, server_time_ms: clock.now().getTime() }),
    )

    app.get('/server-time', async (_request, reply) =>
      reply.header('cache-control', 'no-store').send({ server_time_ms: clock.now().getTime() }),
    )
  }
}
