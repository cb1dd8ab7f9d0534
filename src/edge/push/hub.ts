import type { GatewayEvent } from '../../gen/galaxy/gateway/v1/gateway_pb.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import { createMetrics, type Metrics } from '../../platform/metrics.ts'
import type { Cursor } from '../../platform/push-cursor.ts'
import { type End, endOf } from './ends.ts'
import { createHeldEvents } from './held-events.ts'
import { defaultHubLimits, type HubLimits } from './limits.ts'
import { hubMetrics } from './metrics.ts'
import { createOpenStreams } from './open-streams.ts'
import type { SessionStatus } from './session-watch.ts'
import { type EventSigner, type HubEvent, hubEvent, type PushedEvent } from './signed-events.ts'
import { createStream, type Opening, type Stream } from './stream.ts'

export type HubOptions = {
  signer: EventSigner
  clock: Clock
  log: Log
  sessionStatus: (deviceSessionId: string) => Promise<SessionStatus>
  limits?: Partial<HubLimits>
  metrics?: Metrics
  random?: () => number
}

export type OpenOptions = Opening & {
  /** The id of the last event that the client has seen. */
  resumeAfter?: string | undefined
  signal: AbortSignal
}

export type Hub = {
  /**
   * A stream of the events for a session from now on. It is registered when this returns, so nothing that is published
   * before its first event is read is lost. Ends with a Refusal.
   * @throws Refusal `push_unavailable`, `shutting_down`, `too_many_streams`
   */
  open: (options: OpenOptions) => AsyncIterable<GatewayEvent>
  publish: (event: PushedEvent) => void
  revokeDeviceSession: (userId: string, deviceSessionId: string) => void
  revokeAllForUser: (userId: string) => void
  /** Push stands here now. */
  moveTo: (cursor: Cursor) => void
  /** Everything up to now has been told. */
  goLive: () => void
  /** Revocations may be missed from now on: every stream ends, and none opens until `goLive`. */
  suspend: () => void
  /** Like `suspend`, and events have been missed for good: nothing from before can be resumed. */
  resync: () => void
  isLive: () => boolean
  /** Ends every stream for good. */
  close: () => void
}

/** Carries what the api pushes to the streams of the users it is for. */
export function createHub({
  signer,
  clock,
  log,
  sessionStatus,
  limits: given = {},
  metrics = createMetrics({ runtime: false }),
  random = Math.random,
}: HubOptions): Hub {
  const limits = { ...defaultHubLimits, ...given }
  const measured = hubMetrics(metrics)
  const streams = createOpenStreams({ limits, sessionStatus, random, log, measured })
  const held = createHeldEvents({ events: limits.heldEvents, bytes: limits.heldBytes })
  let live = false
  let closed = false

  function admit(opening: Opening): void {
    if (closed) throw endOf('shutting_down')
    if (!live) throw endOf('push_unavailable')
    streams.requireRoom(opening)
  }

  /** Where a stream begins: at what its client has missed, when all of it is held and would fit into its queue. */
  function startOf(resumeAfter: string | undefined, { userId, deviceSessionId }: Opening) {
    const now = { from: held.last(), missed: [] }
    if (resumeAfter === undefined) return { ...now, resumed: undefined }
    const found = held.after(resumeAfter, (event) => isFor(event, userId, deviceSessionId))
    const bytes = found?.missed.reduce((sum, event) => sum + event.bytes, 0) ?? 0
    const fits = found && found.missed.length <= limits.queueEvents && bytes <= limits.queueBytes
    return fits ? { ...found, resumed: true } : { ...now, resumed: false }
  }

  function open({ resumeAfter, signal, ...opening }: OpenOptions): AsyncIterable<GatewayEvent> {
    admit(opening)
    const start = startOf(resumeAfter, opening)
    const { last } = held
    const stream = createStream({ ...start, opening, limits, signer, now: clock.now, last, onEnd: measured.ended })
    const over = streams.add(stream)
    const leave = () => {
      stream.abandon()
      over()
    }
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    return deliver(stream, () => {
      signal.removeEventListener('abort', leave)
      over()
    })
  }

  function publish(pushed: PushedEvent): void {
    const event = hubEvent(pushed, signer)
    held.add(event)
    const { userId, deviceSessionId } = event
    const readers = deviceSessionId === undefined ? streams.ofUser(userId) : streams.ofSession(userId, deviceSessionId)
    for (const stream of readers) if (stream.offer(event)) measured.queued.inc()
  }

  function stop(reason: End): void {
    live = false
    streams.endAll(reason)
  }

  return {
    open,
    publish,
    revokeDeviceSession: (userId, deviceSessionId) => streams.endOfSession(userId, deviceSessionId, 'session_revoked'),
    revokeAllForUser: (userId) => streams.endOfUser(userId, 'session_revoked'),
    moveTo: (cursor) => held.moveTo(cursor),
    goLive: () => {
      live = true
    },
    suspend: () => stop('resync_required'),
    resync: () => {
      held.forget()
      stop('resync_required')
    },
    isLive: () => live && !closed,
    close: () => {
      closed = true
      stop('shutting_down')
    },
  }
}

async function* deliver(stream: Stream, onOver: () => void): AsyncGenerator<GatewayEvent> {
  try {
    yield* stream.events()
  } finally {
    onOver()
  }
}

function isFor(event: HubEvent, userId: string, deviceSessionId: string): boolean {
  return event.userId === userId && (event.deviceSessionId ?? deviceSessionId) === deviceSessionId
}
