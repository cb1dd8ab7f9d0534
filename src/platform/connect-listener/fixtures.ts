import { connect, type Socket } from 'node:net'
import { create } from '@bufbuild/protobuf'
import { type CallOptions, createClient, type HandlerContext, type Transport } from '@connectrpc/connect'
import {
  EdgeGateway,
  type ExecuteCommandRequest,
  ExecuteCommandResponseSchema,
  GatewayEventSchema,
} from '../../gen/galaxy/gateway/v1/gateway_pb.ts'
import { silentLog } from '../log.ts'
import { type ConnectListenerOptions, listenConnect } from './listener.ts'

export const procedure = '/galaxy.gateway.v1.EdgeGateway/ExecuteCommand'
export const limits = { readMaxBytes: 10_000, writeMaxBytes: 10_000, maxTimeoutMs: 60_000 }

/** A listener whose command echoes, or does what `answer` says; its stream sends one event, then waits for its end. */
export async function openListener(
  options: Partial<ConnectListenerOptions> = {},
  answer: (request: ExecuteCommandRequest, context: HandlerContext) => Promise<string> | string = ({ messageType }) =>
    messageType,
) {
  const calls: { headers: Headers; messageType: string }[] = []
  const listener = await listenConnect({
    address: { host: '127.0.0.1', port: 0 },
    setting: 'setting TEST_ADDR',
    limits,
    log: silentLog,
    routes: (router) =>
      router.service(EdgeGateway, {
        executeCommand: async (request, context) => {
          calls.push({ headers: context.requestHeader, messageType: request.messageType })
          const { payloadBytes } = request
          return create(ExecuteCommandResponseSchema, { resultCode: await answer(request, context), payloadBytes })
        },
        async *subscribeEvents(_request, { signal }) {
          yield create(GatewayEventSchema, { eventType: 'gateway.server_time' })
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        },
      }),
    ...options,
  })
  return { ...listener, calls }
}

export async function run(transport: Transport, messageType: string, options: CallOptions = {}) {
  return createClient(EdgeGateway, transport).executeCommand({ messageType }, options)
}

/** A connection as a program without manners would use it. */
export function openSocket(port: number) {
  const socket: Socket = connect({ host: '127.0.0.1', port })
  let heard = ''
  socket.setEncoding('latin1').on('data', (data: string) => (heard += data))
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return { socket, closed, heard: () => heard, say: (text: string) => void socket.write(text, 'latin1') }
}
