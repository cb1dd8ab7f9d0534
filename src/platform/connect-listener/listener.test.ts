import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectHttp2 } from 'node:http2'
import { gzipSync } from 'node:zlib'
import { Code, ConnectError, createClient } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { EdgeGateway } from '../../gen/galaxy/gateway/v1/gateway_pb.ts'
import { createCertificate } from '../certificate/index.ts'
import { limits, openListener, openSocket, procedure, run } from './fixtures.ts'

const json = { 'content-type': 'application/json' }
const transports = [
  { by: 'Connect over HTTP/1.1', open: (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: '1.1' }) },
  { by: 'Connect over HTTP/2', open: (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: '2' }) },
  { by: 'gRPC over HTTP/2', open: (baseUrl: string) => createGrpcTransport({ baseUrl }) },
  { by: 'gRPC-Web over HTTP/1.1', open: (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: '1.1' }) },
  { by: 'gRPC-Web over HTTP/2', open: (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: '2' }) },
]

describe('one port without TLS', () => {
  it.each(transports)('answers $by', async ({ open }) => {
    await using listener = await openListener()
    expect((await run(open(listener.url), 'lobby.games.list')).resultCode).toBe('lobby.games.list')
  })

  it.each(transports)('streams by $by', async ({ open }) => {
    await using listener = await openListener()
    const stream = createClient(EdgeGateway, open(listener.url)).subscribeEvents({})
    const first = await stream[Symbol.asyncIterator]().next()
    expect(first.value?.eventType).toBe('gateway.server_time')
  })

  it('answers JSON as any HTTP client sends it', async () => {
    await using listener = await openListener()
    const answer = await fetch(listener.url + procedure, { method: 'POST', headers: json, body: '{"messageType":"x"}' })
    expect(await answer.json()).toEqual({ resultCode: 'x' })
  })

  it('understands a preface that arrives byte by byte', async () => {
    await using listener = await openListener()
    const { socket, say, heard } = openSocket(listener.port)
    socket.setNoDelay(true)
    for (const byte of 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0') {
      say(byte)
      await delay(1)
    }
    // A SETTINGS frame.
    await expect.poll(() => heard().charCodeAt(3)).toBe(4)
    socket.destroy()
  })

  it('takes a POST for no preface, although both begin with a P', async () => {
    await using listener = await openListener()
    const { socket, say, heard } = openSocket(listener.port)
    say('P')
    await delay(5)
    say(`OST ${procedure} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`)
    await expect.poll(heard).toMatch(/^HTTP\/1\.1 200/)
    socket.destroy()
  })
})

describe('behind TLS', () => {
  const { certificate: cert, key } = createCertificate(['localhost', '127.0.0.1'], new Date())
  const nodeOptions = { ca: cert }

  it.each([
    {
      by: 'Connect over HTTP/1.1',
      open: (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: '1.1', nodeOptions }),
    },
    { by: 'gRPC over HTTP/2', open: (baseUrl: string) => createGrpcTransport({ baseUrl, nodeOptions }) },
  ])('answers $by, as ALPN decides', async ({ open }) => {
    await using listener = await openListener({ tls: { cert, key } })
    expect(listener.url).toMatch(/^https:/)
    expect((await run(open(listener.url), 'x')).resultCode).toBe('x')
  })
})

describe('what is asked wrongly', () => {
  it.each([
    {
      what: 'an unknown procedure',
      path: '/galaxy.gateway.v1.EdgeGateway/Nothing',
      init: { method: 'POST' },
      status: 404,
    },
    { what: 'GET', path: procedure, init: { method: 'GET' }, status: 405 },
    {
      what: 'text',
      path: procedure,
      init: { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' },
      status: 415,
    },
    { what: 'broken JSON', path: procedure, init: { method: 'POST', headers: json, body: '{' }, status: 400 },
    {
      what: 'an unknown encoding',
      path: procedure,
      init: { method: 'POST', headers: { ...json, 'content-encoding': 'zstd' }, body: '{}' },
      status: 501,
    },
  ])('is refused: $what is $status (abuse 1, 8, 12)', async ({ path, init, status }) => {
    await using listener = await openListener()
    expect((await fetch(listener.url + path, init)).status).toBe(status)
    expect(listener.calls).toEqual([])
  })

  it.each([
    {
      what: 'an unknown path',
      path: '/nowhere',
      method: 'POST',
      type: 'application/json',
      status: 404,
      code: 'not_found',
    },
    {
      what: 'another method',
      path: procedure,
      method: 'PUT',
      type: 'application/json',
      status: 405,
      code: 'method_not_allowed',
    },
    {
      what: 'a form',
      path: procedure,
      method: 'POST',
      type: 'multipart/form-data',
      status: 415,
      code: 'unsupported_media_type',
    },
    {
      what: 'gRPC-Web in base64',
      path: procedure,
      method: 'POST',
      type: 'application/grpc-web-text',
      status: 415,
      code: 'unsupported_media_type',
    },
  ])('is answered with a problem document: $what', async ({ path, method, type, status, code }) => {
    await using listener = await openListener()
    const answer = await fetch(listener.url + path, { method, headers: { 'content-type': type }, body: '{}' })
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.headers.get('allow')).toBe(status === 405 ? 'POST' : null)
    const { detail, ...document } = z.looseObject({ detail: z.string() }).parse(await answer.json())
    expect(document).toMatchObject({ type: 'about:blank', status, code })
    if (type === 'application/grpc-web-text') expect(detail).toContain('grpc-web+proto')
  })

  it.each(transports)(
    'is refused by $by as unimplemented where there is no such procedure (abuse 8)',
    async ({ open }) => {
      await using listener = await openListener({ routes: () => undefined })
      await expect(run(open(listener.url), 'x')).rejects.toMatchObject({ code: Code.Unimplemented })
    },
  )

  it('cannot end the process with a host that is none', async () => {
    await using listener = await openListener()
    for (const head of ['HTTP/1.0\r\n', 'HTTP/1.1\r\nHost: [\r\n']) {
      const { say, heard, closed } = openSocket(listener.port)
      say(`POST ${procedure} ${head}Content-Type: application/json\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}`)
      await closed
      expect(heard()).toMatch(/^HTTP\/1\.1 400/)
    }
  })

  it.each([
    { what: 'two lengths', lines: 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' },
    { what: 'a folded header', lines: 'X: a\r\n b\r\nContent-Length: 2\r\n\r\n{}' },
    { what: 'a bare line feed', lines: 'X: a\nContent-Length: 2\r\n\r\n{}' },
  ])('could mean two things to two servers, and is refused: $what (abuse 7)', async ({ lines }) => {
    await using listener = await openListener()
    const { say, heard, closed } = openSocket(listener.port)
    say(`POST ${procedure} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${lines}`)
    await closed
    expect(heard()).toMatch(/^HTTP\/1\.1 400/)
    expect(listener.calls).toEqual([])
  })
})

describe('a message', () => {
  it.each(transports)('that is too large is refused by $by (abuse 2)', async ({ open }) => {
    await using listener = await openListener()
    const big = 'x'.repeat(limits.readMaxBytes + 1)
    await expect(run(open(listener.url), big)).rejects.toMatchObject({ code: Code.ResourceExhausted })
    expect(listener.calls).toEqual([])
  })

  it('is refused by the length it declares, before it is there (abuse 2)', async () => {
    await using listener = await openListener()
    const { socket, say, heard } = openSocket(listener.port)
    say(
      `POST ${procedure} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5368709120\r\n\r\n{`,
    )
    await expect.poll(heard).toMatch(/^HTTP\/1\.1 429[^]*resource_exhausted/)
    socket.destroy()
  })

  it('is refused by the length in its frame, before it is there (abuse 2)', async () => {
    await using listener = await openListener()
    const session = connectHttp2(listener.url)
    const headers = { ':method': 'POST', ':path': procedure, 'content-type': 'application/grpc', te: 'trailers' }
    const stream = session.request(headers)
    stream.write(Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1]))
    const trailers = await new Promise<Record<string, unknown>>((resolve) => stream.resume().once('trailers', resolve))
    expect(trailers['grpc-status']).toBe(String(Code.ResourceExhausted))
    session.destroy()
  })

  it('that grows too large when it is unpacked is refused (abuse 3)', async () => {
    await using listener = await openListener()
    const body = gzipSync(Buffer.alloc(50_000_000, ' '))
    const headers = { ...json, 'content-encoding': 'gzip' }
    const small = body.length < 100_000
    const many = await openListener({ limits: { ...limits, readMaxBytes: 100_000 } })
    await using _many = many
    expect(small).toBe(true)
    for (const { url } of [listener, many]) {
      const answer = await fetch(url + procedure, { method: 'POST', headers, body })
      expect(await answer.json()).toMatchObject({ code: 'resource_exhausted' })
    }
  })

  it('that the handler makes too large is not sent', async () => {
    await using listener = await openListener({}, () => 'x'.repeat(limits.writeMaxBytes + 1))
    const [{ open }] = transports as [(typeof transports)[0]]
    await expect(run(open(listener.url), 'x')).rejects.toMatchObject({ code: Code.ResourceExhausted })
  })
})

describe('a timeout', () => {
  it('longer than allowed is refused (abuse 11)', async () => {
    await using listener = await openListener()
    const headers = { ...json, 'connect-timeout-ms': '999999999' }
    const answer = await fetch(listener.url + procedure, { method: 'POST', headers, body: '{}' })
    expect(await answer.json()).toMatchObject({ code: 'invalid_argument' })
  })

  it.each(transports)('reaches the handler as an abort, by $by (abuse 11)', async ({ open }) => {
    const aborted = Promise.withResolvers<void>()
    await using listener = await openListener({}, (_request, { signal }) => {
      signal.addEventListener('abort', () => aborted.resolve())
      return aborted.promise.then(() => 'late')
    })
    await expect(run(open(listener.url), 'x', { timeoutMs: 50 })).rejects.toMatchObject({ code: Code.DeadlineExceeded })
    await aborted.promise
  })
})

describe('a failing handler', () => {
  it('answers with a bare internal error (abuse 13)', async () => {
    await using listener = await openListener({}, () => {
      throw new Error('select * from secrets')
    })
    const answer = await fetch(listener.url + procedure, { method: 'POST', headers: json, body: '{}' })
    expect(await answer.json()).toEqual({ code: 'internal', message: 'internal error' })
  })

  it('shows its error to gRPC-Web clients in the trailer frame, whatever its kind (abuse 9)', async () => {
    await using listener = await openListener({}, () => {
      throw new ConnectError('no', Code.FailedPrecondition)
    })
    const answer = await fetch(listener.url + procedure, {
      method: 'POST',
      headers: { 'content-type': 'application/grpc-web+proto' },
      body: new Uint8Array(5),
    })
    const frame = Buffer.from(await answer.arrayBuffer())
    expect(frame[0]).toBe(0x80)
    expect(frame.subarray(5).toString()).toMatch(/^grpc-status: 9\r\n/m)
  })
})

describe('who a client says it is', () => {
  it('reaches no handler, in any spelling (abuse 36)', async () => {
    await using listener = await openListener()
    const headers = {
      ...json,
      'X-User-Id': '1',
      x_user_id: '2',
      'X_Device-Session_ID': '3',
      'x-client-ip': '4',
      forwarded: 'for=5',
      'x-kept': '6',
    }
    await fetch(listener.url + procedure, { method: 'POST', headers, body: '{}' })
    const seen = [...(listener.calls[0]?.headers.entries() ?? [])]
    expect(seen.filter(([name]) => /^x|^forwarded/.test(name))).toEqual([['x-kept', '6']])
  })
})

describe('other paths', () => {
  it('are answered by whoever is given for them', async () => {
    await using listener = await openListener({
      other: (_request, response) => {
        response.statusCode = 418
        response.end()
      },
    })
    expect((await fetch(`${listener.url}/healthz`)).status).toBe(418)
  })
})
