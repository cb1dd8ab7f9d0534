import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type ClientReadableStream, credentials, loadPackageDefinition, type ServiceError } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { Envelope } from '../support/foreign-device.ts'

const proto = fileURLToPath(new URL('../../proto/galaxy/gateway/v1/gateway.proto', import.meta.url))
const definition = loadSync(proto, { longs: String, bytes: Buffer, defaults: true })

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

type Gateway = {
  ExecuteCommand: (request: Envelope, done: (error: ServiceError | null, answer: GrpcAnswer) => void) => void
  SubscribeEvents: (request: Envelope & { resumeAfter?: string }) => ClientReadableStream<GrpcEvent>
  close: () => void
}

/** The gateway through `@grpc/grpc-js`, the client of other people's making. */
export function openGrpcGateway(edgeAuth: string) {
  const { galaxy } = loadPackageDefinition(definition) as unknown as {
    galaxy: { gateway: { v1: { EdgeGateway: new (address: string, c: unknown) => Gateway } } }
  }
  const gateway = new galaxy.gateway.v1.EdgeGateway(new URL(edgeAuth).host, credentials.createInsecure())
  return {
    execute: (request: Envelope) =>
      new Promise<GrpcAnswer>((resolve, reject) => {
        gateway.ExecuteCommand(request, (error, answer) => (error ? reject(error) : resolve(answer)))
      }),
    subscribe: (request: Envelope & { resumeAfter?: string }) => {
      const stream = gateway.SubscribeEvents(request)
      const events: GrpcEvent[] = []
      const ended = once(stream, 'error').then(([error]) => error as ServiceError)
      stream.on('data', (event: GrpcEvent) => events.push(event))
      return { events, ended, cancel: () => stream.cancel() }
    },
    [Symbol.dispose]: () => gateway.close(),
  }
}
