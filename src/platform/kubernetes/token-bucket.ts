export type BucketLimits = {
  burst: number
  /** One more token after this. */
  refillMs: number
  /** Keys remembered; the one unused for longest is forgotten first, and starts full again. */
  maxKeys: number
}

/** A token bucket per key: returns whether one more of this key may pass now. */
export function createTokenBuckets({ burst, refillMs, maxKeys }: BucketLimits) {
  const buckets = new Map<string, { tokens: number; atMs: number }>()

  return function take(key: string, nowMs: number): boolean {
    const { tokens, atMs } = buckets.get(key) ?? { tokens: burst, atMs: nowMs }
    const filled = Math.min(burst, tokens + Math.max(0, nowMs - atMs) / refillMs)
    const passes = filled >= 1
    // Deleted and set again, so that the map's order is the order of use.
    buckets.delete(key)
    buckets.set(key, { tokens: passes ? filled - 1 : filled, atMs: nowMs })
    forgetOldest(buckets, maxKeys)
    return passes
  }
}

/** Keeps a map that is ordered by use at its size. */
export function forgetOldest(map: Map<string, unknown>, maxKeys: number): void {
  const oldest = map.size > maxKeys ? map.keys().next() : undefined
  if (oldest && !oldest.done) map.delete(oldest.value)
}
