import { sleep } from '../../platform/clock.ts'
import { unavailable } from './api-error.ts'

/** Lets requests in until it closes, and then waits for those inside. */
export type Gate = {
  /** @throws ApiError 503 when closed */
  pass: <T>(work: () => T | Promise<T>) => Promise<T>
  /** Resolves when nobody is inside any more, or after `patienceMs`. */
  close: (patienceMs: number) => Promise<void>
}

export function createGate(): Gate {
  let inside = 0
  let isClosed = false
  const { promise: empty, resolve: left } = Promise.withResolvers<void>()
  return { pass, close }

  async function pass<T>(work: () => T | Promise<T>): Promise<T> {
    if (isClosed) throw unavailable('the server is stopping')
    inside += 1
    try {
      return await work()
    } finally {
      inside -= 1
      if (isClosed && inside === 0) left()
    }
  }

  async function close(patienceMs: number): Promise<void> {
    isClosed = true
    const impatience = new AbortController()
    if (inside > 0) await Promise.race([empty, sleep(patienceMs, impatience.signal)])
    impatience.abort()
  }
}
