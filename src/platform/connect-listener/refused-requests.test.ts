import { once } from 'node:events'
import { type ClientHttp2Session, connect as connectHttp2, constants, type IncomingHttpHeaders } from 'node:http2'
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node'
import { describe, expect, it } from 'vitest'
import { createCertificate } from '../certificate/index.ts'
import { openListener, openSocket, procedure, run } from './fixtures.ts'

const subscription = '/galaxy.gateway.v1.EdgeGateway/SubscribeEvents'
const { certificate: cert, key } = createCertificate(['localhost', '127.0.0.1'], new Date())

/** The head of a message of 300 kB, and the first of it. */
const oversized = Buffer.concat([Buffer.from([0, 0, 4, 0x93, 0xe0]), Buffer.alloc(40_000)])
const started = Buffer.from([0, 0, 0, 0, 100, 0])

type Refused = { what: string; headers: IncomingHttpHeaders; body: Buffer; told: RegExp }

const call = (type: string, more: IncomingHttpHeaders = {}): IncomingHttpHeaders => ({
  ':method': 'POST',
  ':path': procedure,
  'content-type': type,
  ...more,
})

/** Every way in which a request is answered before its body has ended; `told` is in the answer's head, body or trailers. */
const refused: Refused[] = [
  { what: 'an oversized message by gRPC', headers: call('application/grpc'), body: oversized, told: /grpc-status":"8/ },
  {
    what: 'an oversized message by gRPC-Web',
    headers: call('application/grpc-web+proto'),
    body: oversized,
    told: /grpc-status: 8/,
  },
  {
    what: 'an oversized message by Connect',
    headers: call('application/proto'),
    body: Buffer.alloc(40_000),
    told: /resource_exhausted/,
  },
  {
    what: 'an oversized message by Connect, for a stream',
    headers: call('application/connect+proto', { ':path': subscription }),
    body: oversized,
    told: /resource_exhausted/,
  },
  {
    what: 'a body that declares to be oversized',
    headers: call('application/json', { 'content-length': '300000' }),
    body: Buffer.from('{'),
    told: /resource_exhausted/,
  },
  {
    what: 'a second message by gRPC',
    headers: call('application/grpc'),
    body: Buffer.alloc(10),
    told: /grpc-status":"12/,
  },
  {
    what: 'a compressed message in no encoding by gRPC',
    headers: call('application/grpc'),
    body: Buffer.from([1, 0, 0, 0, 1, 0]),
    told: /grpc-status":"13/,
  },
  {
    what: 'an unknown encoding by gRPC',
    headers: call('application/grpc', { 'grpc-encoding': 'zstd' }),
    body: started,
    told: /grpc-status":"12/,
  },
  {
    what: 'an unknown encoding by Connect',
    headers: call('application/json', { 'content-encoding': 'zstd' }),
    body: Buffer.from('{'),
    told: /unimplemented/,
  },
  {
    what: 'a timeout that is too long',
    headers: call('application/grpc', { 'grpc-timeout': '99999999H' }),
    body: started,
    told: /grpc-status":"3/,
  },
  {
    what: 'a deadline that passes by gRPC',
    headers: call('application/grpc', { 'grpc-timeout': '20m' }),
    body: started,
    told: /grpc-status":"4/,
  },
  {
    what: 'a deadline that passes by Connect',
    headers: call('application/json', { 'connect-timeout-ms': '20' }),
    body: Buffer.from('{'),
    told: /deadline_exceeded/,
  },
  { what: 'a wrong content type', headers: call('text/plain'), body: oversized, told: /":status":415/ },
  { what: 'a wrong method', headers: call('application/grpc', { ':method': 'PUT' }), body: oversized, told: /405/ },
  {
    what: 'an unknown procedure',
    headers: call('application/grpc', { ':path': '/galaxy.gateway.v1.EdgeGateway/Nothing' }),
    body: oversized,
    told: /404|grpc-status":"12/,
  },
]

/** Sends the body without ending it; what came back by the time the stream was closed on both sides. */
async function ask(session: ClientHttp2Session, { headers, body }: Pick<Refused, 'headers' | 'body'>) {
  const stream = session.request(headers)
  stream.on('error', () => undefined)
  let heard = ''
  const note = (head: unknown) => (heard += JSON.stringify(head))
  stream.on('response', note).on('trailers', note)
  stream.on('data', (data: Buffer) => (heard += data.toString('latin1')))
  stream.write(body)
  await once(stream, 'close')
  return { heard, code: stream.rstCode }
}

const places = [
  { by: 'h2c', tls: undefined },
  { by: 'TLS', tls: { cert, key } },
]

describe.each(places)('a request over HTTP/2 ($by) that is answered before its body has ended', ({ tls }) => {
  const open = (url: string) => connectHttp2(url, tls && { ca: cert })

  it.each(refused)('is closed on both sides, and its connection stays good: $what (abuse 97)', async (given) => {
    await using listener = await openListener({ ...(tls && { tls }) })
    const session = open(listener.url)
    // More than may be open at once.
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => ask(session, given)))
      for (const { heard, code } of answers) {
        expect(heard).toMatch(given.told)
        expect(code).toBe(constants.NGHTTP2_NO_ERROR)
      }
    }
    const body = Buffer.from('{"messageType":"after"}')
    const small = session.request(call('application/json')).end(body)
    expect(Buffer.concat(await small.toArray()).toString()).toBe('{"resultCode":"after"}')
    session.destroy()
  })
})

describe('a client that sends messages that are too large', () => {
  const big = 'x'.repeat(300_000)
  // Node.js counts what the client has yet to send, too, and its default is less.
  const nodeOptions = { maxSessionMemory: 1_000 }
  const transports = [
    { by: 'gRPC', open: (baseUrl: string) => createGrpcTransport({ baseUrl, nodeOptions }) },
    { by: 'gRPC-Web', open: (baseUrl: string) => createGrpcWebTransport({ baseUrl, nodeOptions, httpVersion: '2' }) },
    { by: 'Connect', open: (baseUrl: string) => createConnectTransport({ baseUrl, nodeOptions, httpVersion: '2' }) },
  ]
  const textOf = (result: PromiseSettledResult<unknown>) =>
    result.status === 'rejected' ? String(result.reason) : 'ok'

  it.each(transports)('by $by is refused each, and its small calls succeed (abuse 97)', async ({ open }) => {
    await using listener = await openListener()
    const transport = open(listener.url)
    // The preface has a time limit, which a machine that is busy with 60 MB of messages would exceed.
    await run(transport, 'first')
    const refusals = await Promise.allSettled(Array.from({ length: 200 }, () => run(transport, big)))
    expect(refusals.map(textOf).filter((text) => !text.includes('resource_exhausted'))).toEqual([])
    const small = await Promise.allSettled(Array.from({ length: 1000 }, () => run(transport, 'x')))
    expect(small.map(textOf).filter((text) => text !== 'ok')).toEqual([])
  })

  const defaults = [
    { by: 'gRPC', open: (baseUrl: string) => createGrpcTransport({ baseUrl }) },
    { by: 'gRPC-Web', open: (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: '2' }) },
    { by: 'Connect', open: (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: '2' }) },
  ]

  // A client of Node.js keeps what it could not send of a stream that is reset: after 40 of these it would fail.
  it.each(defaults)('one after another by $by, with default limits, can go on (abuse 97)', async ({ open }) => {
    await using listener = await openListener()
    const transport = open(listener.url)
    for (let n = 0; n < 100; n += 1) await expect(run(transport, big)).rejects.toThrow(/resource_exhausted/)
    expect((await run(transport, 'x')).resultCode).toBe('x')
  })

  it.each(transports)('by $by among small ones disturbs none of them (abuse 97)', async ({ open }) => {
    await using listener = await openListener()
    const transport = open(listener.url)
    await run(transport, 'first')
    const large = run(transport, big)
    const small = Array.from({ length: 150 }, () => run(transport, 'x'))
    const [refusal, ...answers] = await Promise.allSettled([large, ...small])
    expect(refusal && textOf(refusal)).toContain('resource_exhausted')
    expect(answers.map(textOf).filter((text) => text !== 'ok')).toEqual([])
  })
})

describe('a request over HTTP/1.1 that is answered before its body has ended', () => {
  const head = (type: string) =>
    `POST ${procedure} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`
  const chunk = (data: string) => `${data.length.toString(16)}\r\n${data}\r\n`
  const refusedTypes = [
    { type: 'application/grpc-web+proto', told: /grpc-status: 8/ },
    { type: 'application/proto', told: /resource_exhausted/ },
    { type: 'text/plain', told: /unsupported_media_type/ },
  ]

  it.each(refusedTypes)('leaves its connection good once it has ended: $type (abuse 97)', async ({ type, told }) => {
    await using listener = await openListener()
    const { socket, say, heard } = openSocket(listener.port)
    say(head(type) + chunk(oversized.toString('latin1')))
    await expect.poll(heard).toMatch(told)
    say(`${chunk('x'.repeat(100_000))}0\r\n\r\n`)
    say(`POST ${procedure} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`)
    await expect.poll(heard).toMatch(/HTTP\/1\.1 200 OK[^]*\{\}$/)
    socket.destroy()
  })

  it.each(refusedTypes)('is disconnected when it goes on without end: $type (abuse 97)', async ({ type, told }) => {
    await using listener = await openListener()
    const { socket, say, heard, closed } = openSocket(listener.port)
    say(head(type) + chunk(oversized.toString('latin1')))
    await expect.poll(heard).toMatch(told)
    const more = chunk('x'.repeat(100_000))
    const sending = setInterval(() => say(more), 1)
    await closed
    clearInterval(sending)
    expect(socket.destroyed).toBe(true)
  })

  it('does not end the process when the listener is closing', async () => {
    await using listener = await openListener()
    const { say, heard, closed } = openSocket(listener.port)
    say(head('application/grpc-web+proto'))
    // Another connection has been answered: the first has been accepted.
    await (await fetch(listener.url)).text()
    const closing = listener.closeGracefully(20_000)
    say(chunk(oversized.toString('latin1')))
    await Promise.all([closed, closing])
    expect(heard()).toMatch(/grpc-status: 8/)
  })
})
