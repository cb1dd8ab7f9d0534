import type { Clock } from '../../platform/clock.ts'
import { type ReplayStore, replayStoreUnavailable } from './replay-store.ts'

const sweepEveryMs = 1000
/** An epoch further ahead than this comes from a clock that was wrong; it must not lock everybody out until then. */
const maxEpochAheadMs = 60_000

/** Both must have passed: a clock that is set, forward or back, must not end a reservation of a request that is fresh. */
type Expiry = { clockMs: number; monotonicMs: number }

export type MemoryReplayStoreOptions = { clock: Clock; maxReservations?: number; monotonicMs?: () => number }

/**
 * Reservations in the memory of this process, for a gateway that is the only one. Its epoch is its start: a request that
 * was signed before may have been executed by the process before.
 */
export function createMemoryReplayStore({
  clock,
  maxReservations = 200_000,
  monotonicMs = () => performance.now(),
}: MemoryReplayStoreOptions): ReplayStore {
  const expiries = new Map<string, Expiry>()
  let epochMs = clock.now().getTime()
  let nextSweepMs = monotonicMs() + sweepEveryMs

  return {
    ready: () => true,
    async reserve(sessionId, requestId, { timestampMs, now, ttlMs }) {
      const nowMs = now.getTime()
      const localMs = monotonicMs()
      sweepWhenDue(nowMs, localMs)
      if (epochMs > nowMs + maxEpochAheadMs) epochMs = nowMs
      if (timestampMs < epochMs) return 'reset'
      // Neither id holds a colon.
      const key = `${sessionId}:${requestId}`
      const held = expiries.get(key)
      if (held && !isOver(held, nowMs, localMs)) return 'replayed'
      if (expiries.size >= maxReservations) throw replayStoreUnavailable(new Error('the store is full'))
      expiries.set(key, { clockMs: nowMs + ttlMs, monotonicMs: localMs + ttlMs })
      return 'reserved'
    },
    [Symbol.asyncDispose]: async () => expiries.clear(),
  }

  function sweepWhenDue(nowMs: number, localMs: number): void {
    if (localMs < nextSweepMs) return
    nextSweepMs = localMs + sweepEveryMs
    for (const [key, expiry] of expiries) if (isOver(expiry, nowMs, localMs)) expiries.delete(key)
  }
}

function isOver(expiry: Expiry, nowMs: number, localMs: number): boolean {
  return expiry.clockMs <= nowMs && expiry.monotonicMs <= localMs
}
