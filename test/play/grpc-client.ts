import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Client, credentials, type ServiceDefinition, type ServiceError } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { Envelope } from '../support/foreign-device.ts'

const proto = fileURLToPath(new URL('../../proto/galaxy/gateway/v1/gateway.proto', import.meta.url))
const definitions = loadSync(proto, { longs: String, bytes: Buffer, defaults: true })

export type GrpcAnswer = {
  requestId: string
  timestampMs: string
  resultCode: string
  payloadBytes: Buffer
  signature: Buffer
  keyId: string
}

export type GrpcEvent = {
  eventType: string
  eventId: string
  timestampMs: string
  payloadBytes: Buffer
  signature: Buffer
  keyId: string
}

function methodOf(name: string) {
  const service = definitions['galaxy.gateway.v1.EdgeGateway'] as ServiceDefinition
  const method = service[name]
  if (!method) throw new Error(`the proto file has no method ${name}`)
  return method
}

/** The gateway through `@grpc/grpc-js`, the client of other people's making. */
export function openGrpcGateway(edgeAuth: string) {
  const client = new Client(new URL(edgeAuth).host, credentials.createInsecure())
  const executeCommand = methodOf('ExecuteCommand')
  const subscribeEvents = methodOf('SubscribeEvents')
  return {
    execute: (request: Envelope) =>
      new Promise<GrpcAnswer>((resolve, reject) => {
        const { path, requestSerialize, responseDeserialize } = executeCommand
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, answer) =>
          error ? reject(error) : resolve(answer as GrpcAnswer),
        )
      }),
    subscribe: (request: Envelope & { resumeAfter?: string }) => {
      const { path, requestSerialize, responseDeserialize } = subscribeEvents
      const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request)
      const events: GrpcEvent[] = []
      const ended = once(stream, 'error').then(([error]) => error as ServiceError)
      stream.on('data', (event: GrpcEvent) => events.push(event))
      return { events, ended, cancel: () => stream.cancel() }
    },
    [Symbol.dispose]: () => client.close(),
  }
}
