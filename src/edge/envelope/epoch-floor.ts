/** A gateway's clock may be this far ahead of the store's, and a request's time that far ahead of both. */
export const maxAheadMs = 10_000

export type EpochKnowledge = {
  /** The highest epoch that was seen. */
  epochMs: number
  /** The latest that the store's clock can say now. */
  storeMs: number
  /** How far ahead of the store's clock the gateway that is furthest ahead is. */
  aheadMs: number
  /** The newest time of a request that this gateway has let through. */
  newestMs: number
}

/**
 * The moment that a new epoch must not lie before, so that no request is let through a second time: whatever was let
 * through is older. Devices take their time from a gateway, so what gateways are ahead counts; a single device that is
 * ahead of them all counts, too, but by no more than 10 s: it must not lock everybody else out for longer.
 */
export function epochFloor({ epochMs, storeMs, aheadMs, newestMs }: EpochKnowledge): number {
  return Math.max(epochMs, storeMs + Math.min(aheadMs, maxAheadMs), Math.min(newestMs + 1, storeMs + maxAheadMs))
}
