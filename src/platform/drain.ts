import type { FastifyInstance } from 'fastify'
import { sleep } from './clock.ts'
import { Refusal } from './errors.ts'

export type Drain = ReturnType<typeof createDrain>

/** Knows the calls that are being worked on, so that an end can wait for them and begin no more. */
export function createDrain() {
  const running = new Set<object>()
  const idle = Promise.withResolvers<void>()
  let refusing = false
  return {
    begin: (call: object) => void running.add(call),
    end: (call: object) => {
      running.delete(call)
      if (refusing && running.size === 0) idle.resolve()
    },
    /** Throws what to answer when calls are turned away. */
    requireOpen: () => {
      if (refusing) throw new Refusal('unavailable', 'shutting_down', 'This process is shutting down; ask again.')
    },
    /** Turns new calls away from now on. */
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

/**
 * Knows the requests that are being worked on, and at the end turns those away whose `url` is to be. Call it before the
 * app has any route.
 */
export function countRequests(app: FastifyInstance, isTurnedAway: (url: string) => boolean): Drain {
  const drain = createDrain()
  app.addHook('onRequest', async (request) => {
    if (isTurnedAway(request.url)) drain.requireOpen()
    drain.begin(request)
  })
  const done = async (request: object) => drain.end(request)
  app.addHook('onResponse', done)
  app.addHook('onRequestAbort', done)
  return drain
}
