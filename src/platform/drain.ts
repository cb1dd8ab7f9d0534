import type { FastifyInstance } from 'fastify'
import { sleep } from './clock.ts'
import { Refusal } from './errors.ts'

export type Requests = ReturnType<typeof countRequests>

/**
 * Knows the requests that are being worked on, and at the end turns those away whose `url` is to be. Call it before the
 * app has any route.
 */
export function countRequests(app: FastifyInstance, isTurnedAway: (url: string) => boolean) {
  const running = new Set<object>()
  const idle = Promise.withResolvers<void>()
  let refusing = false
  app.addHook('onRequest', async (request) => {
    if (refusing && isTurnedAway(request.url)) {
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
