import { Refusal } from '../../platform/errors.ts'

/** `reset`: the request is older than the store, so it may have been reserved in what the store has lost. */
export type Reservation = 'reserved' | 'replayed' | 'reset'

export type ReservationTimes = { timestampMs: number; now: Date; ttlMs: number }

/**
 * Remembers which requests have been seen.
 *
 * It also has an epoch, the moment at which it was found empty: what was reserved before is forgotten, so requests that
 * are timestamped before it are refused. What this leaves open: a device whose clock ran ahead by some seconds may have
 * sent a request whose time lies after the epoch, and for those seconds it could be played again.
 */
export type ReplayStore = AsyncDisposable & {
  /**
   * Takes the request's id for the session, for `ttlMs`.
   * @throws Refusal `replay_store_unavailable`, within 300 ms: without the store nothing is let through
   */
  reserve: (sessionId: string, requestId: string, times: ReservationTimes) => Promise<Reservation>
  /** Whether it could reserve now. */
  ready: () => Promise<boolean>
}

/** An epoch further ahead than this comes from a clock that was wrong; it must not lock everybody out until then. */
export const maxEpochAheadMs = 60_000

export function replayStoreUnavailable(cause?: unknown): Refusal {
  const message = 'Requests cannot be told from replays at the moment, so none is accepted.'
  return new Refusal('unavailable', 'replay_store_unavailable', message, { cause })
}
