import type { FastifyInstance } from 'fastify'
import { sleep } from '../platform/clock.ts'
import { Refusal } from '../platform/errors.ts'

export type Requests = ReturnType<typeof countRequests>

/** Knows the requests that are being worked on. Call it before the app has any route. */
export function countRequests(app: FastifyInstance) {
  const running = new Set<object>()
  const idle = Promise.withResolvers<void>()
  let refusing = false
  app.addHook('onRequest', async (request) => {
    // Probes are answered to the end: an orchestrator that hears nothing kills.
    if (refusing && request.url.startsWith('/api/')) {
      throw new Refusal('unavailable', 'shutting_down', 'This process is shutting down; ask again.')
    }
    running.add(request)
  })
  const done = async (request: object) => {
    running.delete(request)
    if (refusing && running.size === 0) idle.resolve()
  }
  app.addHook('onResponse', done)
  app.addHook('onRequestAbort', done)

  return {
    /** Turns new requests away from now on. */
    refuse: () => {
      refusing = true
    },
    /** Waits for those that run; returns how many are left after `withinMs`. */
    finish: async (withinMs: number): Promise<number> => {
      refusing = true
      if (running.size === 0) return 0
      const waiting = new AbortController()
      await Promise.race([idle.promise, sleep(withinMs, waiting.signal)])
      waiting.abort()
      return running.size
    },
  }
}
