import { create } from '@bufbuild/protobuf'
import { type GatewayEvent, GatewayEventSchema } from '../../gen/galaxy/gateway/v1/gateway_pb.ts'
import type { Cursor } from '../../platform/push-cursor.ts'
import { type End, endOf } from './ends.ts'
import type { HubLimits } from './limits.ts'
import { type HubEvent, type ServerTime, serverTimeEvent, type EventSigner } from './signed-events.ts'
import { createStreamQueue } from './stream-queue.ts'

export type Opening = {
  userId: string
  deviceSessionId: string
  /** Of the request that opened the stream. */
  requestId: string
  traceId: string
}

export type StreamOptions = {
  opening: Opening
  /** Whether the client's place was found; undefined when it named none. */
  resumed: boolean | undefined
  /** Where the stream begins. */
  from: Cursor | undefined
  /** What is sent first. */
  missed: readonly HubEvent[]
  limits: HubLimits
  signer: EventSigner
  now: () => Date
  /** Where push stands now. */
  last: () => Cursor | undefined
  onEnd: (end: End) => void
}

export type Stream = ReturnType<typeof createStream>

/** One client's stream: buffers from the moment it is made. */
export function createStream(options: StreamOptions) {
  const { opening, from, missed, resumed, limits, signer, now, last, onEnd } = options
  const queue = createStreamQueue({ events: limits.queueEvents, bytes: limits.queueBytes })

  function end(reason: End): void {
    if (queue.hasEnded()) return
    queue.end(endOf(reason))
    onEnd(reason)
  }

  function serverTime(time: Omit<ServerTime, 'now'>): GatewayEvent {
    const { requestId, traceId } = opening
    return create(GatewayEventSchema, { ...serverTimeEvent({ now: now(), ...time }, signer), requestId, traceId })
  }

  async function* events(): AsyncGenerator<GatewayEvent> {
    yield serverTime({ after: from, resumed })
    for (const event of missed) {
      if (queue.hasEnded()) break
      yield event.message(opening.requestId)
    }
    for (;;) {
      const event = queue.take()
      if (event) yield event.message(opening.requestId)
      else if (queue.hasEnded()) return
      else if (!(await queue.wait(limits.keepAliveMs)) && queue.isEmpty()) yield serverTime({ after: last() })
    }
  }

  return {
    userId: opening.userId,
    deviceSessionId: opening.deviceSessionId,
    /** Queues the event, or cuts a client that does not keep up; false when nothing was queued. */
    offer(event: HubEvent): boolean {
      if (queue.hasEnded()) return false
      if (queue.add(event)) return true
      end('slow_reader')
      return false
    },
    /** Nothing but the reason is sent from now on. */
    end,
    /** The client is gone. */
    abandon: () => queue.end(),
    events,
  }
}
