import { Refusal } from '../../platform/errors.ts'
import type { SignedRequest } from './model.ts'

/**
 * The request's time is at most `windowMs` away from now, on either side.
 * @throws Refusal `stale_request` or `request_from_future`, with `server_time_ms` for the client to set its clock by
 */
export function checkFreshness({ timestampMs }: SignedRequest, now: Date, windowMs: number): void {
  const nowMs = BigInt(now.getTime())
  const window = BigInt(windowMs)
  const details = { server_time_ms: now.getTime() }
  if (timestampMs < nowMs - window) {
    throw new Refusal('precondition', 'stale_request', 'The request is too old, or your clock is slow.', { details })
  }
  if (timestampMs > nowMs + window) {
    const message = 'The request comes from the future: your clock is fast.'
    throw new Refusal('precondition', 'request_from_future', message, { details })
  }
}
