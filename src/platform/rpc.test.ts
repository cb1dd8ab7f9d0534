import { create } from '@bufbuild/protobuf'
import { Code, ConnectError, createContextValues } from '@connectrpc/connect'
import { findTrailerError } from '@connectrpc/connect/protocol-grpc'
import { trailerParse } from '@connectrpc/connect/protocol-grpc-web'
import { errorFromJsonBytes } from '@connectrpc/connect/protocol-connect'
import { connect as connectHttp2 } from 'node:http2'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { EdgeGateway, GatewayEventSchema } from '../gen/galaxy/gateway/v1/gateway_pb.ts'
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
const compressed = (...bytes: number[]) => Uint8Array.from([1, 0, 0, 0, bytes.length, ...bytes])
const plain = Buffer.from(JSON.stringify({ messageType: 'x'.repeat(50) }))
const garbage = Buffer.from('no such format')
const unreadable = [
  { what: 'gzip that ends early', encoding: 'gzip', bytes: gzipSync(plain).subarray(0, -9) },
  { what: 'gzip that is nothing but its magic', encoding: 'gzip', bytes: Buffer.from([0x1f, 0x8b]) },
  { what: 'gzip with garbage behind it', encoding: 'gzip', bytes: Buffer.concat([gzipSync(plain), garbage]) },
  { what: 'what is no gzip', encoding: 'gzip', bytes: garbage },
  { what: 'brotli that ends early', encoding: 'br', bytes: brotliCompressSync(plain).subarray(0, -5) },
  { what: 'what is no brotli', encoding: 'br', bytes: garbage },
]
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
    what: 'a timeout of more than 2^31 ms by Connect',
    type: 'application/json',
    body: Buffer.from('{}'),
    more: { 'connect-timeout-ms': '9999999999' },
    told: { code: 'InvalidArgument', reason: 'invalid_timeout', domain },
  },
  {
    what: 'a timeout of more than 2^31 ms by gRPC',
    type: 'application/grpc',
    body: framed(),
    more: { 'grpc-timeout': '99999999H' },
    told: { code: 'InvalidArgument', reason: 'invalid_timeout', domain },
  },
  ...unreadable.flatMap(({ encoding, what, bytes }) => [
    {
      what: `${what} by Connect`,
      type: 'application/json',
      body: bytes,
      more: { 'content-encoding': encoding },
      told: broken,
    },
    {
      what: `${what} by gRPC`,
      type: 'application/grpc',
      body: Buffer.concat([Buffer.from([1, 0, 0, 0, bytes.length]), bytes]),
      more: { 'grpc-encoding': encoding },
      told: broken,
    },
  ]),
  { what: 'a compressed message in no encoding', type: 'application/grpc', body: compressed(0), told: broken },
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

describe('a timeout that Node.js has no timer for', () => {
  it('prints no warning', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => void warnings.push(warning)
    process.on('warning', note)
    await using listener = await open()
    for (const { more, type, body } of asks.filter(({ what }) => what.includes('2^31'))) {
      await ask(listener.url, { type, body, ...(more && { more }) })
    }
    process.off('warning', note)
    expect(warnings.map(({ name }) => name)).toEqual([])
  })
})

describe('a client that leaves while its stream is written', () => {
  const codes = ['ECANCELED', 'ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_HTTP2_INVALID_STREAM']

  /** Throws into a stream as the listener does when it cannot write. */
  async function failWriteWith(error: Error) {
    const bugs: unknown[] = []
    const intercept = answerConnectErrors({ domain, onBug: (bug) => bugs.push(bug) })
    async function* events() {
      for (;;) yield create(GatewayEventSchema)
    }
    const method = EdgeGateway.method.subscribeEvents
    const header = new Headers()
    const common = { service: EdgeGateway, method, header, stream: true } as const
    const response = await intercept(async () => ({ ...common, message: events(), trailer: header }))({
      ...common,
      requestMethod: 'POST',
      url: '',
      signal: new AbortController().signal,
      message: (async function* () {})(),
      contextValues: createContextValues(),
    })
    if (!response.stream) throw new Error('no stream')
    const stream = response.message[Symbol.asyncIterator]()
    await stream.next()
    const thrown = await stream.throw?.(error).catch((reason: unknown) => reason)
    return { bugs, code: thrown instanceof ConnectError ? Code[thrown.code] : 'none' }
  }

  it.each(codes)('has canceled its call, which is no bug: %s', async (code) => {
    const error = Object.assign(new Error('write'), { code })
    expect(await failWriteWith(error)).toEqual({ bugs: [], code: 'Canceled' })
  })

  it('does not hide an answer that cannot be written at all', async () => {
    const error = Object.assign(new Error('no'), { code: 'ERR_INVALID_CHAR' })
    expect(await failWriteWith(error)).toEqual({ bugs: [error], code: 'Internal' })
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
