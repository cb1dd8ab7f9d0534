import { isMessage } from '@bufbuild/protobuf'
import type { Interceptor, UnaryRequest } from '@connectrpc/connect'
import { ExecuteCommandRequestSchema } from '../gen/galaxy/gateway/v1/gateway_pb.ts'
import { commands } from '../messages/index.ts'
import { inTrace, type Tracer } from '../platform/telemetry/index.ts'

const traceIdPattern = /^(?!0{32})[0-9a-f]{32}$/

/**
 * Makes each command a span, in the trace that its client names. Event streams are none: they last for hours, and a span
 * is told of when it ends.
 */
export function traceCommands(tracer: Tracer): Interceptor {
  return (next) => async (request) => {
    if (request.stream) return next(request)
    const { messageType, traceId } = commandOf(request)
    const attributes = {
      'rpc.system.name': 'connectrpc',
      'rpc.method': `${request.service.typeName}/${request.method.name}`,
      // What a client makes up is nobody's name for anything.
      'galaxy.message_type': commands.has(messageType) ? messageType : 'other',
    }
    const facts = { kind: 'server', attributes, traceId: traceIdPattern.test(traceId) ? traceId : undefined } as const
    return inTrace(tracer, request.method.name, facts, () => next(request))
  }
}

function commandOf({ message }: UnaryRequest): { messageType: string; traceId: string } {
  return isMessage(message, ExecuteCommandRequestSchema) ? message : { messageType: '', traceId: '' }
}
