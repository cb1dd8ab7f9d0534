import type { FastifyInstance } from 'fastify'
import { Refusal } from '../platform/errors.ts'

/** How long a disposal waits for answers that are still being sent. */
const maxWaitMs = 5_000

/** Counts the calls in progress, so that none is cut off when the engine stops. */
export function trackCalls(app: FastifyInstance) {
  let inProgress = 0
  let lastMs = performance.now()
  let stopping = false
  let onIdle: (() => void) | undefined
  app.addHook('onRequest', async () => {
    lastMs = performance.now()
    inProgress += 1
    if (stopping) throw new Refusal('unavailable', 'stopping', 'The engine is stopping.')
  })
  app.addHook('onResponse', async () => {
    inProgress -= 1
    if (inProgress === 0) onIdle?.()
  })
  return {
    /** When the last call came, on the clock of `performance.now()`. */
    lastMs: () => lastMs,
    /** Refuses further calls, and waits for those in progress. */
    finished: async () => {
      stopping = true
      if (inProgress === 0) return
      const { promise, resolve } = Promise.withResolvers<void>()
      onIdle = resolve
      const timer = setTimeout(resolve, maxWaitMs)
      await promise
      clearTimeout(timer)
    },
  }
}
