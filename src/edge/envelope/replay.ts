import { Refusal } from '../../platform/errors.ts'
import type { SignedRequest } from './model.ts'
import type { ReplayStore } from './replay-store.ts'

/** Beyond the moment at which the request becomes stale: for gateways whose clocks do not agree. */
const marginMs = 10_000

/**
 * Takes the request's id, until the request is stale by itself: one from the future is kept for longer.
 * @throws Refusal `replayed_request`, `replay_store_reset`, `stale_request`, `replay_store_unavailable`
 */
export async function reserveRequest(
  replay: Pick<ReplayStore, 'reserve'>,
  request: SignedRequest,
  { now, windowMs }: { now: Date; windowMs: number },
): Promise<void> {
  const timestampMs = Number(request.timestampMs)
  const ttlMs = timestampMs + windowMs - now.getTime() + marginMs
  const reservation = await replay.reserve(request.deviceSessionId, request.requestId, { timestampMs, now, ttlMs })
  switch (reservation) {
    case 'reserved':
      return
    case 'replayed':
      throw new Refusal('conflict', 'replayed_request', 'A request with this request_id has been received already.')
    case 'reset': {
      const details = { server_time_ms: now.getTime() }
      const message = 'The request is older than the memory of requests that guards against replays; sign a new one.'
      throw new Refusal('precondition', 'replay_store_reset', message, { details })
    }
    case 'stale': {
      const details = { server_time_ms: now.getTime() }
      throw new Refusal('precondition', 'stale_request', 'The request is too old for a reservation.', { details })
    }
  }
}
