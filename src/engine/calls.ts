import type { FastifyInstance } from 'fastify'
import { Refusal } from '../platform/errors.ts'

/** How long a stopping engine waits for callers that do not take their answers. */
const maxWaitMs = 5_000

/** Knows the calls whose handlers are running; `finish` turns new ones away and waits for these to be answered. */
export function countCalls(app: FastifyInstance) {
  const running = new Set<object>()
  const idle = Promise.withResolvers<void>()
  let closing = false
  app.addHook('preHandler', async (request) => {
    if (closing) throw new Refusal('unavailable', 'shutting_down', 'the engine is shutting down')
    running.add(request)
  })
  app.addHook('onResponse', async (request) => {
    running.delete(request)
    if (closing && running.size === 0) idle.resolve()
  })
  return { finish }

  async function finish(): Promise<void> {
    closing = true
    if (running.size === 0) return
    const timer = setTimeout(idle.resolve, maxWaitMs)
    await idle.promise
    clearTimeout(timer)
  }
}
