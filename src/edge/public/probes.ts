import type { FastifyInstance } from 'fastify'

/** Unavailable: something that every request needs does not answer. */
export type Readiness = 'ready' | 'unavailable' | 'draining'

export type ProbeOptions = { state: () => Promise<Readiness> }

/** `/healthz` says that the process lives, `/readyz` that it can do its work. */
export function probeRoutes({ state }: ProbeOptions) {
  return async (app: FastifyInstance) => {
    app.get('/healthz', async () => ({ status: 'ok' }))
    app.get('/readyz', async (_request, reply) => {
      const status = await state()
      return reply.code(status === 'ready' ? 200 : 503).send({ status })
    })
  }
}
