import { Refusal } from '../../platform/errors.ts'

/**
 * `reset`: the request is older than the store, so it may have been reserved in what the store has lost. `stale`: by the
 * store's clock the request is so old that its reservation would be over.
 */
export type Reservation = 'reserved' | 'replayed' | 'reset' | 'stale'

export type ReservationTimes = { timestampMs: number; now: Date; ttlMs: number }

/**
 * Remembers which requests have been seen.
 *
 * It also has an epoch, the moment at which it was found empty: what was reserved before is forgotten, so requests that
 * are timestamped before it are refused. What this leaves open: a request from a device that is ahead of every gateway's
 * clock may have a time after the epoch, and for those seconds it could be executed again, at another gateway.
 */
export type ReplayStore = AsyncDisposable & {
  /**
   * Takes the request's id for the session, for `ttlMs`.
   * @throws Refusal `replay_store_unavailable`, within 300 ms: without the store nothing is let through. The request is
   *   not executed then, and may be sent again as it is
   */
  reserve: (sessionId: string, requestId: string, times: ReservationTimes) => Promise<Reservation>
  /** Whether the last reservations, or probes, succeeded: asks nobody. */
  ready: () => boolean
}

export function replayStoreUnavailable(cause?: unknown): Refusal {
  const message = 'Requests cannot be told from replays at the moment, so none is accepted.'
  return new Refusal('unavailable', 'replay_store_unavailable', message, { cause })
}
