/** A reading of the store's clock, taken at some moment between `sentMs` and `receivedMs` of the local one. */
export type ClockReading = { sentMs: number; receivedMs: number; storeMs: number }

/** How far the store's clock moved against the local monotonic one; `steady` within what drift and latency explain. */
export type ClockMove = 'steady' | 'forward' | 'back'

export type StoreClock = {
  /** Takes a reading into account, and says whether the store's clock was set since the one before. */
  learn: (reading: ClockReading) => ClockMove
  /** Upper bound of the store's time at local time `localMs`; undefined before the first reading. */
  latest: (localMs: number) => number | undefined
  /** Lower bound of the same. */
  earliest: (localMs: number) => number | undefined
}

/** Two clocks drift apart by no more than this. */
const driftPerMs = 0.001
/** A smaller step of the store's clock is adopted without a word. */
const stepMs = 1000

/**
 * Estimates the store's clock from the times it tells, in terms of a local monotonic clock. Each reading bounds the
 * difference of the two from both sides, so replies that were read late, by a busy process, widen the bounds instead of
 * shifting them; the bounds of several readings are intersected.
 */
export function createStoreClock(): StoreClock {
  let bounds: { low: number; high: number; atMs: number } | undefined

  const widened = (localMs: number) => {
    if (!bounds) return undefined
    const drift = Math.max(0, localMs - bounds.atMs) * driftPerMs
    return { low: bounds.low - drift, high: bounds.high + drift }
  }

  return {
    learn({ sentMs, receivedMs, storeMs }) {
      const read = { low: storeMs - receivedMs, high: storeMs - sentMs + 1 }
      const known = widened(receivedMs)
      const common = known && { low: Math.max(read.low, known.low), high: Math.min(read.high, known.high) }
      bounds = { ...(common && common.low <= common.high ? common : read), atMs: receivedMs }
      if (!known) return 'steady'
      if (read.low > known.high + stepMs) return 'forward'
      return read.high < known.low - stepMs ? 'back' : 'steady'
    },
    latest(localMs) {
      const known = widened(localMs)
      return known && Math.ceil(localMs + known.high)
    },
    earliest(localMs) {
      const known = widened(localMs)
      return known && Math.floor(localMs + known.low)
    },
  }
}
