import type { Clock } from '../../platform/clock.ts'
import { maxEpochAheadMs, type ReplayStore, replayStoreUnavailable } from './replay-store.ts'

const sweepEveryMs = 1000

/**
 * Reservations in the memory of this process, for a gateway that is the only one. Its epoch is its start: a request that
 * was signed before may have been executed by the process before.
 */
export function createMemoryReplayStore({
  clock,
  maxReservations = 200_000,
}: {
  clock: Clock
  maxReservations?: number
}): ReplayStore {
  const expiries = new Map<string, number>()
  let epochMs = clock.now().getTime()
  let nextSweepMs = epochMs + sweepEveryMs

  return {
    ready: async () => true,
    async reserve(sessionId, requestId, { timestampMs, now, ttlMs }) {
      const nowMs = now.getTime()
      sweepWhenDue(nowMs)
      if (epochMs > nowMs + maxEpochAheadMs) epochMs = nowMs
      if (timestampMs < epochMs) return 'reset'
      // Neither id holds a colon.
      const key = `${sessionId}:${requestId}`
      if ((expiries.get(key) ?? -Infinity) > nowMs) return 'replayed'
      if (expiries.size >= maxReservations) throw replayStoreUnavailable(new Error('the store is full'))
      expiries.set(key, nowMs + ttlMs)
      return 'reserved'
    },
    [Symbol.asyncDispose]: async () => expiries.clear(),
  }

  function sweepWhenDue(nowMs: number): void {
    if (nowMs < nextSweepMs) return
    nextSweepMs = nowMs + sweepEveryMs
    for (const [key, expiresMs] of expiries) if (expiresMs <= nowMs) expiries.delete(key)
  }
}
