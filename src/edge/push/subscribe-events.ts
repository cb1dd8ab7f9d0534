import type { HandlerContext, ServiceImpl } from '@connectrpc/connect'
import { z } from 'zod'
import type { EdgeGateway, SubscribeEventsRequest } from '../../gen/galaxy/gateway/v1/gateway_pb.ts'
import { subscribeMessageType } from '../../messages/index.ts'
import { Refusal } from '../../platform/errors.ts'
import { type Authenticate, clientIpKey } from '../envelope/index.ts'
import type { Hub } from './hub.ts'

export type SubscribeEventsOptions = { hub: Pick<Hub, 'open'>; authenticate: Authenticate }

/** The RPC that opens a client's event stream. */
export function subscribeEvents({
  hub,
  authenticate,
}: SubscribeEventsOptions): ServiceImpl<typeof EdgeGateway>['subscribeEvents'] {
  return async function* subscribe(request: SubscribeEventsRequest, context: HandlerContext) {
    const resumeAfter = readPlace(request)
    const { signal, service, method, values } = context
    const procedure = `/${service.typeName}/${method.name}`
    const { userId, deviceSessionId, requestId, traceId } = await authenticate(request, {
      procedure,
      clientIp: values.get(clientIpKey),
      signal,
    })
    yield* hub.open({ userId, deviceSessionId, requestId, traceId, resumeAfter, signal })
  }
}

const Payload = z.strictObject({ resume_after: z.string().min(1).max(128).optional() })

/**
 * Where the client wants to go on. Part of the envelope's first stage, before anything is looked up or reserved: a field
 * that is not signed must not say anything else than the payload that is.
 * @throws Refusal `invalid_envelope`
 */
function readPlace({ messageType, payloadBytes, resumeAfter }: SubscribeEventsRequest): string | undefined {
  const signed = messageType === subscribeMessageType ? parsePayload(payloadBytes) : undefined
  if (signed && (signed.resume_after ?? '') === resumeAfter) return signed.resume_after
  throw new Refusal('invalid', 'invalid_envelope', 'The message type or the payload is not that of a subscription.')
}

function parsePayload(bytes: Uint8Array) {
  try {
    return Payload.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))).data
  } catch {
    return undefined
  }
}
