import { isMessage } from '@bufbuild/protobuf'
import { Code, ConnectError, type Interceptor, type StreamRequest, type UnaryRequest } from '@connectrpc/connect'
import { Counter, Histogram } from 'prom-client'
import { ExecuteCommandRequestSchema } from '../gen/galaxy/gateway/v1/gateway_pb.ts'
import { commands, subscribeMessageType } from '../messages/index.ts'
import type { Metrics } from '../platform/metrics.ts'

const labels = ['procedure', 'message_type'] as const

/** Counts calls and times them. All labels come from fixed sets: what a client makes up is `other`. */
export function measureCalls(registry: Metrics): Interceptor {
  const registers = [registry]
  const requests = new Counter({
    name: 'gateway_requests_total',
    help: 'Signed calls, by the code they ended with; a refusal by the rules of the platform is an OK.',
    labelNames: [...labels, 'code'],
    registers,
  })
  const duration = new Histogram({
    name: 'gateway_request_duration_seconds',
    help: 'How long commands took.',
    labelNames: [...labels],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })

  return (next) => async (request) => {
    const call = { procedure: request.method.name, message_type: messageTypeOf(request) }
    const startedMs = performance.now()
    try {
      const response = await next(request)
      if (response.stream) return { ...response, message: measured(response.message, call) }
      requests.inc({ ...call, code: 'OK' })
      return response
    } catch (error) {
      requests.inc({ ...call, code: codeOf(error) })
      throw error
    } finally {
      if (!request.stream) duration.observe(call, (performance.now() - startedMs) / 1000)
    }
  }

  /** A stream is counted when it ends. */
  async function* measured<T>(messages: AsyncIterable<T>, call: { procedure: string; message_type: string }) {
    let code = 'OK'
    try {
      yield* messages
    } catch (error) {
      code = codeOf(error)
      throw error
    } finally {
      requests.inc({ ...call, code })
    }
  }
}

function messageTypeOf(request: UnaryRequest | StreamRequest): string {
  if (request.stream) return subscribeMessageType
  const { message } = request
  const known = isMessage(message, ExecuteCommandRequestSchema) && commands.has(message.messageType)
  return known ? message.messageType : 'other'
}

/** What is no Connect error is answered as an internal one. */
function codeOf(error: unknown): string {
  return Code[error instanceof ConnectError ? error.code : Code.Internal]
}
