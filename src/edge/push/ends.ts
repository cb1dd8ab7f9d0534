import { Refusal } from '../../platform/errors.ts'

/** Every way the hub ends a stream, or does not open it. */
const ends = {
  slow_reader: ['throttled', 'The stream was read too slowly.'],
  too_many_streams: ['throttled', 'There are too many open streams.'],
  session_revoked: ['precondition', 'The session was revoked.'],
  unknown_session: ['unauthenticated', 'The session does not exist.'],
  stream_expired: ['unavailable', 'The stream has been open for long; open another.'],
  resync_required: ['unavailable', 'Events may have been missed; open another stream and fetch what is shown.'],
  push_unavailable: ['unavailable', 'Events cannot be pushed now.'],
  shutting_down: ['unavailable', 'The gateway is shutting down.'],
} as const

export type End = keyof typeof ends

export function endOf(end: End): Refusal {
  const [kind, message] = ends[end]
  return new Refusal(kind, end, message)
}
