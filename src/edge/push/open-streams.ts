import type { Log } from '../../platform/log.ts'
import { type End, endOf } from './ends.ts'
import type { HubLimits } from './limits.ts'
import type { HubMetrics } from './metrics.ts'
import { createRegistry } from './registry.ts'
import { type SessionStatus, watchSession } from './session-watch.ts'
import type { Opening, Stream } from './stream.ts'

export type OpenStreamsOptions = {
  limits: HubLimits
  sessionStatus: (deviceSessionId: string) => Promise<SessionStatus>
  random: () => number
  log: Log
  measured: HubMetrics
}

/** The streams whose calls are not over, within their numbers, their age and their sessions' lives. */
export function createOpenStreams({ limits, sessionStatus, random, log, measured }: OpenStreamsOptions) {
  const streams = createRegistry<Stream>()

  function endAll(which: readonly Stream[], reason: End): void {
    for (const stream of which) stream.end(reason)
  }

  return {
    ofUser: streams.ofUser,
    ofSession: streams.ofSession,
    endOfUser: (userId: string, reason: End) => endAll(streams.ofUser(userId), reason),
    endOfSession: (userId: string, deviceSessionId: string, reason: End) =>
      endAll(streams.ofSession(userId, deviceSessionId), reason),
    endAll: (reason: End) => endAll(streams.all(), reason),

    /** @throws Refusal `too_many_streams` */
    requireRoom({ userId, deviceSessionId }: Opening): void {
      const { streamsPerSession, streamsPerUser } = limits
      const full =
        streams.ofSession(userId, deviceSessionId).length >= streamsPerSession ||
        streams.ofUser(userId).length >= streamsPerUser
      if (full) throw endOf('too_many_streams')
    },

    /**
     * A stream counts until its call is over, not only until it has ended: a client that is cut because it does not read
     * cannot pile up calls that wait for it.
     * @returns to be called when the call is over
     */
    add(stream: Stream): () => void {
      streams.add(stream)
      measured.open.inc()
      const aged = setTimeout(() => stream.end('stream_expired'), limits.maxAgeMs * (0.9 + 0.1 * random()))
      const unwatch = watchSession({
        check: () => sessionStatus(stream.deviceSessionId),
        everyMs: limits.recheckMs,
        random,
        log,
        onGone: (status) => stream.end(status === 'revoked' ? 'session_revoked' : 'unknown_session'),
      })
      let counted = true
      return () => {
        if (!counted) return
        counted = false
        clearTimeout(aged)
        unwatch()
        streams.remove(stream)
        measured.open.dec()
      }
    },
  }
}
