import { create } from '@bufbuild/protobuf'
import { type GatewayEvent, GatewayEventSchema } from '../../gen/galaxy/gateway/v1/gateway_pb.ts'
import type { EventPayload } from '../../messages/index.ts'
import type { EventToSign, Signer } from '../signer/index.ts'
import { type Cursor, cursorText } from '../../platform/push-cursor.ts'

/** An event as the api pushed it. */
export type PushedEvent = {
  cursor: Cursor
  createdMs: bigint
  userId: string
  /** Undefined: for all of the user's sessions. */
  deviceSessionId: string | undefined
  eventType: string
  payload: Uint8Array
  traceId: string
}

/** A pushed event on its way to any number of streams. */
export type HubEvent = PushedEvent & {
  /** What it costs to hold. */
  bytes: number
  /** As it is sent on one stream, named by the request that opened it. */
  message: (requestId: string) => GatewayEvent
}

export type EventSigner = Pick<Signer, 'signEvent'>

/** Objects and strings around a payload, roughly. */
const overheadBytes = 512

/** Signed once, when the first stream sends it: most events are for somebody who is not here. */
export function hubEvent(event: PushedEvent, signer: EventSigner): HubEvent {
  const { eventType, createdMs, payload, traceId } = event
  let signed: ReturnType<typeof signEvent> | undefined
  return {
    ...event,
    bytes: payload.length + overheadBytes,
    message: (requestId) => {
      signed ??= signEvent({ eventType, eventId: cursorText(event.cursor), timestampMs: createdMs, payload }, signer)
      return create(GatewayEventSchema, { ...signed, requestId, traceId })
    },
  }
}

export type ServerTime = {
  now: Date
  /** Everything up to here has been sent on the stream; undefined while nothing is known. */
  after: Cursor | undefined
  resumed?: boolean | undefined
}

/** The time, which is also a bookmark: its id can be resumed after, even by a client that never got another event. */
export function serverTimeEvent({ now, after, resumed }: ServerTime, signer: EventSigner) {
  const ms = now.getTime()
  const payload: EventPayload<'gateway.server_time'> = {
    server_time_ms: ms,
    ...(resumed === undefined ? {} : { resumed }),
  }
  return signEvent(
    {
      eventType: 'gateway.server_time',
      eventId: `time-${ms}-${after ? cursorText(after) : '0'}`,
      timestampMs: BigInt(ms),
      payload: new TextEncoder().encode(JSON.stringify(payload)),
    },
    signer,
  )
}

/** The cursor that an event's id names, whether it was a pushed event or the time. */
export function eventIdCursor(eventId: string): string {
  return eventId.replace(/^time-[0-9]+-/, '')
}

function signEvent(event: EventToSign, signer: EventSigner) {
  const { payloadHash, signature, keyId } = signer.signEvent(event)
  const { eventType, eventId, timestampMs, payload } = event
  return { eventType, eventId, timestampMs, payloadBytes: payload, payloadHash, signature, keyId }
}
