import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Agent } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../platform/log.ts'
import { createBackendClient } from './index.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

const never = new AbortController().signal
const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

function clientOf(baseUrl: string, { timeoutMs = 5000 } = {}) {
  const dispatcher = new Agent()
  open.push(() => dispatcher.destroy())
  return createBackendClient({ baseUrl, serviceToken: 'service-secret', dispatcher, timeoutMs, log: silentLog })
}

/** A backend that answers as told, and a client of it. */
async function aBackend(handler: Handler, { prefix = '', timeoutMs = 5000 } = {}) {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    handler(request, response)
  })
  const url = await listening(server)
  return { requests, server, client: clientOf(url + prefix, { timeoutMs }) }
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

const json = (response: ServerResponse, status: number, body: unknown, type = 'application/json') =>
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body))

const get = { method: 'GET', path: '/api/v1/user/account', signal: never } as const
const post = { method: 'POST', path: '/api/v1/user/x', body: { a: 1 }, signal: never } as const

describe('a call to the backend', () => {
  it('brings the service credential, a trace, and its own headers', async () => {
    const { client, requests } = await aBackend((_request, response) => json(response, 200, { ok: true }))
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    await client.call({ ...get, headers: { 'x-user-id': 'u' }, traceId })
    expect(requests[0]?.headers).toMatchObject({
      authorization: 'Bearer service-secret',
      'x-user-id': 'u',
      traceparent: expect.stringMatching(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`)),
    })
    expect(requests[0]?.url).toBe('/api/v1/user/account')
  })

  it('is a span of its own within the trace', async () => {
    const { client, requests } = await aBackend((_request, response) => json(response, 200, {}))
    for (const _ of [1, 2]) await client.call({ ...get, traceId: '4bf92f3577b34da6a3ce929d0e0e4736' })
    expect(new Set(requests.map(({ headers }) => headers['traceparent'])).size).toBe(2)
  })

  it('sends its body as JSON, and goes below the path of the base address', async () => {
    let sent = ''
    const handler: Handler = (request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => (sent += text))
      request.on('end', () => json(response, 200, {}))
    }
    const { client, requests } = await aBackend(handler, { prefix: '/backend/' })
    await client.call(post)
    expect(sent).toBe('{"a":1}')
    expect(requests[0]).toMatchObject({ url: '/backend/api/v1/user/x' })
    expect(requests[0]?.headers['content-type']).toBe('application/json')
  })

  it('gives the answer parsed and as it came', async () => {
    const text = '{ "name": "Ζέρξης",\n "n": 1.0 }'
    const { client } = await aBackend((_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(text),
    )
    expect(await client.call(get)).toEqual({ status: 200, json: { name: 'Ζέρξης', n: 1 }, text })
  })

  it('takes an answer without a body', async () => {
    const { client } = await aBackend((_request, response) => response.writeHead(204).end())
    expect(await client.call(post)).toEqual({ status: 204, json: undefined, text: '' })
  })

  it('gives a problem document like any other answer', async () => {
    const problem = { status: 409, code: 'conflict' }
    const { client } = await aBackend((_request, response) => json(response, 409, problem, 'application/problem+json'))
    expect(await client.call(post)).toMatchObject({ status: 409, json: problem })
  })
})

describe('an answer that makes no sense', () => {
  const html = { 'content-type': 'text/html' }
  const plain = { 'content-type': 'application/json' }
  const invalid = { kind: 'upstream', reason: 'upstream_invalid' }
  const away = { kind: 'unavailable', reason: 'backend_unavailable' }

  it.each<{ what: string; handler: Handler; refusal: object }>([
    { what: 'a page', handler: (_, r) => r.writeHead(200, html).end('<p>'), refusal: invalid },
    { what: 'a body of no type', handler: (_, r) => r.writeHead(200).end('{}'), refusal: invalid },
    { what: 'broken JSON', handler: (_, r) => r.writeHead(200, plain).end('{"a":'), refusal: invalid },
    { what: 'no UTF-8', handler: (_, r) => r.writeHead(200, plain).end(Buffer.from([34, 255, 34])), refusal: invalid },
    { what: 'an empty error', handler: (_, r) => r.writeHead(400).end(), refusal: invalid },
    {
      what: 'a redirect',
      handler: (_, r) => r.writeHead(302, { location: '/', ...plain }).end('{}'),
      refusal: invalid,
    },
    { what: 'a refused credential', handler: (_, r) => json(r, 401, { code: 'x' }), refusal: invalid },
    { what: 'more than 1 MiB', handler: (_, r) => json(r, 200, 'x'.repeat(1_100_000)), refusal: invalid },
    { what: "a proxy's 502", handler: (_, r) => r.writeHead(502, html).end('<p>'), refusal: away },
    { what: "a proxy's 503", handler: (_, r) => r.writeHead(503).end(), refusal: away },
  ])('is refused: $what', async ({ handler, refusal }) => {
    const { client } = await aBackend(handler)
    await expect(client.call(get)).rejects.toMatchObject(refusal)
  })

  it('does not follow redirects', async () => {
    const { client, requests } = await aBackend((_request, response) =>
      response.writeHead(307, { location: '/elsewhere', ...plain }).end('{}'),
    )
    await expect(client.call(get)).rejects.toMatchObject(invalid)
    expect(requests).toHaveLength(1)
  })

  it('is not read to its end when it has none', async () => {
    const closed = Promise.withResolvers<void>()
    const { client } = await aBackend((_request, response) => {
      response.writeHead(200, plain)
      const more = () => response.write('x'.repeat(65_536))
      response.on('drain', more).on('close', closed.resolve)
      while (more()) continue
    })
    await expect(client.call(get)).rejects.toMatchObject(invalid)
    await closed.promise
  })
})

describe('a backend that is away', () => {
  const away = { kind: 'unavailable', reason: 'backend_unavailable' }

  it('is unavailable', async () => {
    const { client, server } = await aBackend(() => undefined)
    server.close()
    await expect(client.call(get)).rejects.toMatchObject(away)
    await expect(client.session('s', never)).rejects.toMatchObject(away)
  })

  it('is late when it does not answer in time', async () => {
    const { client } = await aBackend(() => undefined, { timeoutMs: 100 })
    await expect(client.call(get)).rejects.toMatchObject({ kind: 'late', reason: 'backend_unavailable' })
    await expect(client.call({ ...get, timeoutMs: 20 })).rejects.toMatchObject({ kind: 'late' })
  })

  it('is late when it begins to answer and goes silent', async () => {
    const { client } = await aBackend(
      (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{'),
      { timeoutMs: 100 },
    )
    await expect(client.call(get)).rejects.toMatchObject({ kind: 'late' })
  })

  it('is left alone once the caller has gone away', async () => {
    const caller = new AbortController()
    const hungUp = Promise.withResolvers<void>()
    const { client } = await aBackend((request) => {
      request.on('close', hungUp.resolve)
      caller.abort()
    })
    await expect(client.call({ ...get, signal: caller.signal })).rejects.toMatchObject({ kind: 'late' })
    await hungUp.promise
    await expect(client.call({ ...get, signal: caller.signal })).rejects.toMatchObject({ kind: 'late' })
  })
})

describe('a connection that breaks', () => {
  /** Hangs up on the first request, and answers the others. */
  const hangsUpOnce = () => {
    let hungUp = false
    return aBackend((request, response) => {
      if (hungUp) return void json(response, 200, {})
      hungUp = true
      request.socket.destroy()
    })
  }

  it('costs a GET nothing: it is made once more', async () => {
    const { client, requests } = await hangsUpOnce()
    expect(await client.call(get)).toMatchObject({ status: 200 })
    expect(requests).toHaveLength(2)
  })

  it('ends a POST: nobody knows whether it was done', async () => {
    const { client, requests } = await hangsUpOnce()
    await expect(client.call(post)).rejects.toMatchObject({ reason: 'backend_unavailable' })
    expect(requests).toHaveLength(1)
  })

  it('ends a GET when it breaks again', async () => {
    const { client, requests } = await aBackend((request) => request.socket.destroy())
    await expect(client.call(get)).rejects.toMatchObject({ reason: 'backend_unavailable' })
    expect(requests).toHaveLength(2)
  })
})

describe('looking a session up', () => {
  const record = {
    id: '0f8fad5b-d9cb-469f-a165-70867728950e',
    user_id: '7d444840-9dc0-41d1-b245-5ffdce74fad2',
    status: 'active',
    public_key: '1sOF2ivk3kAPn2xIrRVMSi1bO4KtnoqdhHDwCbxkdGo=',
  }

  it('gives what the backend has, and leaves the rest alone', async () => {
    const { client, requests } = await aBackend((_request, response) =>
      json(response, 200, { ...record, expires_at: '2026-09-01T00:00:00Z' }),
    )
    expect(await client.session(record.id, never)).toEqual(record)
    expect(requests.map(({ url }) => url)).toEqual([`/api/v1/internal/sessions/${record.id}`])
  })

  it('asks each time', async () => {
    const { client, requests } = await aBackend((_request, response) => json(response, 200, record))
    for (const _ of [1, 2, 3]) await client.session(record.id, never)
    expect(requests).toHaveLength(3)
  })

  it('cannot be led elsewhere by an id', async () => {
    const { client, requests } = await aBackend((_request, response) => json(response, 200, record))
    await expect(client.session('../../users?x#y', never)).rejects.toMatchObject({ reason: 'upstream_invalid' })
    expect(requests[0]?.url).toBe('/api/v1/internal/sessions/..%2F..%2Fusers%3Fx%23y')
  })

  it('finds none', async () => {
    const { client } = await aBackend((_request, response) => json(response, 404, { code: 'session_not_found' }))
    expect(await client.session(record.id, never)).toBeUndefined()
  })

  it.each([
    { what: 'a 404 of something else', status: 404, body: { code: 'not_found' }, reason: 'upstream_invalid' },
    { what: 'a record without a key', status: 200, body: { ...record, public_key: null }, reason: 'upstream_invalid' },
    { what: 'an unknown status', status: 200, body: { ...record, status: 'odd' }, reason: 'upstream_invalid' },
    { what: 'nothing', status: 204, body: undefined, reason: 'upstream_invalid' },
    { what: 'a refusal', status: 400, body: { code: 'invalid_input' }, reason: 'upstream_invalid' },
    { what: 'another session', status: 200, body: { ...record, id: record.user_id }, reason: 'upstream_invalid' },
    { what: 'an error of something else', status: 500, body: { message: 'x' }, reason: 'upstream_invalid' },
    { what: 'a list', status: 200, body: [record], reason: 'upstream_invalid' },
    { what: 'a failure', status: 500, body: { status: 500, code: 'internal' }, reason: 'backend_unavailable' },
  ])('is refused, and signs nobody out, when the backend answers with $what', async ({ status, body, reason }) => {
    const { client } = await aBackend((_request, response) =>
      body ? json(response, status, body) : response.writeHead(status).end(),
    )
    await expect(client.session(record.id, never)).rejects.toMatchObject({ reason })
  })
})

describe('an address where nobody answers to HTTP', () => {
  it('is unavailable', async () => {
    const server = createServer()
    const url = await listening(server)
    server.on('connection', (socket) => socket.end('SSH-2.0-OpenSSH\r\n'))
    await expect(clientOf(url).call(get)).rejects.toMatchObject({ reason: 'backend_unavailable' })
  })
})
