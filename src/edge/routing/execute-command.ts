import { create } from '@bufbuild/protobuf'
import type { HandlerContext } from '@connectrpc/connect'
import {
  type ExecuteCommandRequest,
  type ExecuteCommandResponse,
  ExecuteCommandResponseSchema,
} from '../../gen/galaxy/gateway/v1/gateway_pb.ts'
import type { Clock } from '../../platform/clock.ts'
import { type Authenticate, clientIpKey } from '../envelope/index.ts'
import type { Signer } from '../signer/index.ts'
import type { Route } from './route.ts'

export type ExecuteCommandDeps = {
  authenticate: Authenticate
  route: Route
  signer: Pick<Signer, 'signResponse'>
  clock: Clock
}

type Context = Pick<HandlerContext, 'service' | 'method' | 'signal' | 'values'>

/** The handler of `EdgeGateway.ExecuteCommand`: every answer is signed, also one that refuses. */
export function executeCommand({ authenticate, route, signer, clock }: ExecuteCommandDeps) {
  return async function handle(request: ExecuteCommandRequest, context: Context): Promise<ExecuteCommandResponse> {
    const { messageType, payloadBytes, requestId } = request
    const clientIp = context.values.get(clientIpKey)
    const { signal } = context
    // As the service defines it, whatever path the request came by.
    const procedure = `/${context.service.typeName}/${context.method.name}`
    const identity = await authenticate(request, { procedure, clientIp, signal })
    const { resultCode, payload } = await route({ messageType, payloadBytes, identity, clientIp, signal })
    const timestampMs = BigInt(clock.now().getTime())
    const { requestHash } = identity
    const signed = signer.signResponse({ requestId, requestHash, timestampMs, resultCode, payload })
    return create(ExecuteCommandResponseSchema, {
      protocolVersion: 'v1',
      requestId,
      timestampMs,
      resultCode,
      payloadBytes: payload,
      ...signed,
    })
  }
}
