import { generateKeyPairSync, hash, verify } from 'node:crypto'
import { create, type MessageInitShape } from '@bufbuild/protobuf'
import {
  Code,
  ConnectError,
  createClient,
  createContextValues,
  createRouterTransport,
  type HandlerContext,
} from '@connectrpc/connect'
import { describe, expect, it } from 'vitest'
import { EdgeGateway, ExecuteCommandRequestSchema } from '../../gen/galaxy/gateway/v1/gateway_pb.ts'
import { ErrorInfoSchema } from '../../gen/google/rpc/error_details_pb.ts'
import { Refusal } from '../../platform/errors.ts'
import { answerConnectErrors } from '../../platform/rpc.ts'
import { responseSigningInput } from '../../signing/index.ts'
import { type Authenticate, type AuthenticateOptions, clientIpKey } from '../envelope/index.ts'
import { createSigner } from '../signer/index.ts'
import { executeCommand, type Route, type RoutedCommand } from './index.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const signer = createSigner({ active: privateKey })
const noon = new Date('2026-03-01T12:00:00Z')
const requestHash = hash('sha256', 'the signing input of the request', 'buffer')

type Call = MessageInitShape<typeof ExecuteCommandRequestSchema>

/** A gateway behind its wire: both stages do as they are told. */
function aGateway({ authenticate, route }: { authenticate?: Authenticate; route?: Route } = {}) {
  const seen: { options?: AuthenticateOptions; command?: RoutedCommand } = {}
  const handle = executeCommand({
    authenticate: async (request, options) => {
      seen.options = options
      if (authenticate) return authenticate(request, options)
      const { deviceSessionId, requestId, traceId } = request
      return { userId: 'u', deviceSessionId, requestId, traceId, requestHash }
    },
    route: async (command) => {
      seen.command = command
      return route ? route(command) : { resultCode: 'ok', payload: Buffer.from('{"id":"u"}') }
    },
    signer,
    clock: { now: () => noon },
  })
  const interceptors = [answerConnectErrors({ domain: 'galaxy.edge', onBug: () => undefined })]
  const transport = createRouterTransport((router) => router.service(EdgeGateway, { executeCommand: handle }), {
    router: { interceptors },
  })
  const client = createClient(EdgeGateway, transport)
  const call = (request: Call = {}) =>
    client.executeCommand({ requestId: 'request-00000001', messageType: 'user.account.get', ...request })
  return { seen, call, handle }
}

describe('an answer to a command', () => {
  it.each([
    { resultCode: 'ok', payload: '{"id":"u"}' },
    { resultCode: 'orders_refused', payload: '{"status":422,"code":"orders_refused"}' },
  ])('is signed, bound to its request, when it is $resultCode', async ({ resultCode, payload }) => {
    const { call } = aGateway({ route: async () => ({ resultCode, payload: Buffer.from(payload) }) })
    const answer = await call()
    expect(answer).toMatchObject({
      protocolVersion: 'v1',
      requestId: 'request-00000001',
      resultCode,
      keyId: signer.keyId,
      timestampMs: BigInt(noon.getTime()),
    })
    expect(Buffer.from(answer.payloadBytes).toString()).toBe(payload)
    const payloadHash = hash('sha256', payload, 'buffer')
    expect(Buffer.from(answer.payloadHash)).toEqual(payloadHash)
    const input = responseSigningInput({ ...answer, requestHash, payloadHash })
    expect(verify(null, input, publicKey, answer.signature)).toBe(true)
    const foreign = responseSigningInput({ ...answer, requestHash: Buffer.alloc(32), payloadHash })
    expect(verify(null, foreign, publicKey, answer.signature)).toBe(false)
  })
})

describe('a command', () => {
  it('is authenticated for the procedure it calls, and routed as whom it was authenticated', async () => {
    const { call, seen } = aGateway()
    await call({ payloadBytes: Buffer.from('{"a":1}'), deviceSessionId: 's' })
    expect(seen.options?.procedure).toBe('/galaxy.gateway.v1.EdgeGateway/ExecuteCommand')
    expect(seen.command).toMatchObject({
      messageType: 'user.account.get',
      identity: { userId: 'u', deviceSessionId: 's' },
    })
    expect(Buffer.from(seen.command?.payloadBytes ?? []).toString()).toBe('{"a":1}')
  })

  it('brings the address that the listener has found', async () => {
    const { handle, seen } = aGateway()
    const context: Pick<HandlerContext, 'service' | 'method' | 'signal' | 'values'> = {
      service: EdgeGateway,
      method: EdgeGateway.method.executeCommand,
      signal: new AbortController().signal,
      values: createContextValues().set(clientIpKey, '192.0.2.7'),
    }
    await handle(create(ExecuteCommandRequestSchema), context)
    expect(seen.options?.clientIp).toBe('192.0.2.7')
    expect(seen.command?.clientIp).toBe('192.0.2.7')
  })

  it('that is refused goes no further, and the reason is on the wire', async () => {
    const details = { server_time_ms: noon.getTime() }
    const { call, seen } = aGateway({
      authenticate: async () => Promise.reject(new Refusal('precondition', 'stale_request', 'Too old.', { details })),
    })
    const error = await call().catch((caught: unknown) => ConnectError.from(caught))
    if (!(error instanceof ConnectError)) throw new Error('not refused')
    expect(error.code).toBe(Code.FailedPrecondition)
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([
      { reason: 'stale_request', domain: 'galaxy.edge', metadata: { server_time_ms: String(noon.getTime()) } },
    ])
    expect(seen.command).toBeUndefined()
  })

  it('that meets a bug says nothing about it (abuse 13)', async () => {
    const { call } = aGateway({ route: async () => Promise.reject(new TypeError('secret internals')) })
    await expect(call()).rejects.toMatchObject({ code: Code.Internal, message: expect.not.stringContaining('secret') })
  })
})
