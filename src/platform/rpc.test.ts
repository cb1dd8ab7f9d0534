import { Code, ConnectError } from '@connectrpc/connect'
import { findTrailerError } from '@connectrpc/connect/protocol-grpc'
import { trailerParse } from '@connectrpc/connect/protocol-grpc-web'
import { errorFromJsonBytes } from '@connectrpc/connect/protocol-connect'
import { connect as connectHttp2 } from 'node:http2'
import { describe, expect, it } from 'vitest'
import { ErrorInfoSchema, RetryInfoSchema } from '../gen/google/rpc/error_details_pb.ts'
import { limits, openListener } from './connect-listener/fixtures.ts'
import { Refusal } from './errors.ts'
import { answerConnectErrors, explainOwnErrors } from './rpc.ts'

const unary = '/galaxy.gateway.v1.EdgeGateway/ExecuteCommand'
const stream = '/galaxy.gateway.v1.EdgeGateway/SubscribeEvents'
const domain = 'galaxy.test'

function open(answer?: () => string) {
  const bugs: unknown[] = []
  const interceptors = [answerConnectErrors({ domain, onBug: (error) => bugs.push(error) })]
  return openListener({ interceptors, gate: explainOwnErrors(domain) }, answer)
}

type Ask = { path?: string; type: string; body: Uint8Array; more?: Record<string, string> }
type Told = { code: string; reason: string | undefined; domain: string | undefined }

/** Asks over HTTP/2 by whichever protocol the content type says, and reads the error as that protocol has it. */
async function ask(url: string, { path = unary, type, body, more = {} }: Ask): Promise<Told> {
  const session = connectHttp2(url)
  try {
    const headers = { ':method': 'POST', ':path': path, 'content-type': type, te: 'trailers', ...more }
    const request = session.request(headers)
    let trailers: Record<string, unknown> = {}
    request.on('trailers', (given) => (trailers = given))
    request.end(body)
    const answer = Buffer.concat(await request.toArray())
    const error = read(type, answer, trailers)
    const [info] = error?.findDetails(ErrorInfoSchema) ?? []
    return { code: Code[error?.code ?? 0] ?? 'none', reason: info?.reason, domain: info?.domain }
  } finally {
    session.destroy()
  }
}

function read(type: string, answer: Buffer, trailers: Record<string, unknown>): ConnectError | undefined {
  const nothing = new ConnectError('no error')
  if (type.startsWith('application/grpc-web')) return findTrailerError(trailerParse(answer.subarray(5)))
  if (type.startsWith('application/grpc')) {
    const texts = Object.entries(trailers).map(([name, value]): [string, string] => [name, String(value)])
    return findTrailerError(new Headers(texts))
  }
  if (!type.startsWith('application/connect+')) return errorFromJsonBytes(answer, undefined, nothing)
  const { error } = JSON.parse(answer.subarray(5).toString())
  return errorFromJsonBytes(Buffer.from(JSON.stringify(error)), undefined, nothing)
}

function framed(...bytes: number[]): Uint8Array {
  return Uint8Array.from([0, 0, 0, 0, bytes.length, ...bytes])
}

/** A field of 127 bytes that ends after one. */
const truncated = [0x0a, 0x7f, 0x61]
const broken = { code: 'InvalidArgument', reason: 'invalid_envelope', domain }
const asks: (Ask & { what: string; told: Told })[] = [
  { what: 'nonsense by Connect', type: 'application/proto', body: Uint8Array.from(truncated), told: broken },
  { what: 'broken JSON by Connect', type: 'application/json', body: Buffer.from('{'), told: broken },
  { what: 'nonsense by gRPC', type: 'application/grpc', body: framed(...truncated), told: broken },
  { what: 'nonsense by gRPC-Web', type: 'application/grpc-web+proto', body: framed(...truncated), told: broken },
  { what: 'half a frame by gRPC', type: 'application/grpc', body: framed(1, 2).subarray(0, 6), told: broken },
  {
    what: 'nonsense by Connect, for a stream',
    path: stream,
    type: 'application/connect+proto',
    body: framed(...truncated),
    told: broken,
  },
  {
    what: 'nonsense by gRPC, for a stream',
    path: stream,
    type: 'application/grpc',
    body: framed(...truncated),
    told: broken,
  },
  {
    what: 'a message that is too large',
    type: 'application/grpc',
    body: Uint8Array.from([0, 0xff, 0xff, 0xff, 0xff]),
    told: { code: 'ResourceExhausted', reason: 'message_too_large', domain },
  },
  {
    what: 'a body that is too large',
    type: 'application/json',
    body: Buffer.from(JSON.stringify({ messageType: 'x'.repeat(limits.readMaxBytes) })),
    told: { code: 'ResourceExhausted', reason: 'message_too_large', domain },
  },
  {
    what: 'a timeout that is too long',
    type: 'application/json',
    body: Buffer.from('{}'),
    more: { 'connect-timeout-ms': '999999999' },
    told: { code: 'InvalidArgument', reason: 'invalid_timeout', domain },
  },
  {
    what: 'an unknown encoding',
    type: 'application/json',
    body: Buffer.from('{}'),
    more: { 'content-encoding': 'zstd' },
    told: { code: 'Unimplemented', reason: 'unimplemented', domain },
  },
]

describe('an error that is found before any handler is asked', () => {
  it.each(asks)('says what is wrong: $what (abuse 1, 2, 11, 12)', async ({ told, ...given }) => {
    await using listener = await open()
    expect(await ask(listener.url, given)).toEqual(told)
    expect(listener.calls).toEqual([])
  })
})

describe('a refusal that says when to come back', () => {
  it('carries google.rpc.RetryInfo beside its reason', async () => {
    await using listener = await open(() => {
      throw new Refusal('unavailable', 'overloaded', 'no', { details: { retry_after_ms: 1500 } })
    })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(listener.url + unary, { method: 'POST', headers, body: '{}' })
    const error = errorFromJsonBytes(Buffer.from(await answer.arrayBuffer()), undefined, new ConnectError('none'))
    expect(answer.status).toBe(503)
    expect(error.findDetails(ErrorInfoSchema)[0]?.reason).toBe('overloaded')
    expect(error.findDetails(RetryInfoSchema)[0]?.retryDelay).toMatchObject({ seconds: 1n, nanos: 500_000_000 })
  })
})

describe('a bug', () => {
  it('is answered as an internal error without a word about it (abuse 13)', async () => {
    await using listener = await open(() => {
      throw new Error('select * from secrets')
    })
    const answer = await fetch(listener.url + unary, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    const text = await answer.text()
    expect(text).toContain('"reason":"internal"')
    expect(text).not.toContain('secrets')
  })
})
