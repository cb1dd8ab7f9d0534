import type { GatewayEvent } from '../gen/galaxy/gateway/v1/gateway_pb.ts'
import { type EventPayload, eventPayloads, type EventType } from '../messages/index.ts'
import { eventSigningInput } from '../signing/index.ts'
import { jsonOf, sameBytes, sha256 } from './bytes.ts'
import { GatewayUntrusted } from './errors.ts'
import type { GatewayKeys } from './gateway-keys.ts'

type Pushed = { id: string; timestampMs: number }

/** An event of the catalogue. */
export type KnownEvent = { [Type in EventType]: Pushed & { type: Type; payload: EventPayload<Type> } }[EventType]

/** One that a newer gateway sends: its type, or the form of its payload, is not in the catalogue here. */
export type UnknownEvent = Pushed & { type: 'client.unknown'; eventType: string; payload: unknown }

/**
 * An event, after it has been checked that the gateway signed it.
 * @throws GatewayUntrusted
 */
export async function openEvent(event: GatewayEvent, keys: GatewayKeys): Promise<KnownEvent | UnknownEvent> {
  const payloadHash = await sha256(event.payloadBytes)
  if (!sameBytes(payloadHash, event.payloadHash)) throw new GatewayUntrusted('the hash of an event is wrong')
  const { keyId, eventType, eventId, timestampMs, signature } = event
  const input = eventSigningInput({ keyId, eventType, eventId, timestampMs, payloadHash })
  await keys.verify(keyId, input, signature)
  return readEvent(eventType, jsonOf(event.payloadBytes), { id: eventId, timestampMs: Number(timestampMs) })
}

function readEvent(eventType: string, payload: unknown, pushed: Pushed): KnownEvent | UnknownEvent {
  const unknown: UnknownEvent = { ...pushed, type: 'client.unknown', eventType, payload }
  if (!isEventType(eventType)) return unknown
  const parsed = eventPayloads[eventType].safeParse(payload)
  if (!parsed.success) return unknown
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema of this very type has just accepted it
  return { ...pushed, type: eventType, payload: parsed.data } as KnownEvent
}

function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventPayloads, type)
}
