import type { ClientClock } from '../../src/client/index.ts'

/**
 * A clock for the SDK. Waits before another attempt pass at once, and are noted; the long ones, which watch for silence,
 * pass when the test says so.
 */
export function createClientClock(startMs = Date.now()) {
  let nowMs = startMs
  const watching = new Set<{ atMs: number; wake: () => void }>()
  const waits: number[] = []
  const clock: ClientClock = {
    nowMs: () => nowMs,
    random: () => 0.5,
    sleep: async (ms, signal) => {
      if (ms <= 60_000) {
        waits.push(ms)
        nowMs += ms
        return
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      const entry = { atMs: nowMs + ms, wake: resolve }
      watching.add(entry)
      signal?.addEventListener('abort', () => resolve(), { once: true })
      await promise
      watching.delete(entry)
    },
  }
  return {
    ...clock,
    waits,
    advance: (ms: number) => {
      nowMs += ms
      for (const { atMs, wake } of watching) if (atMs <= nowMs) wake()
    },
  }
}
