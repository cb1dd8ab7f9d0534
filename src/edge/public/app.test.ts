import { request } from 'node:http'
import { BlockList } from 'node:net'
import { type FastifyInstance, fastify } from 'fastify'
import { Agent } from 'undici'
import { describe, expect, it } from 'vitest'
import { listen } from '../../platform/http.ts'
import { silentLog } from '../../platform/log.ts'
import { createBackendClient } from '../backend/index.ts'
import { createPublicApp } from './app.ts'
import { parseNetworks } from './client-address.ts'
import type { Readiness } from './probes.ts'

const path = '/api/v1/public/auth/send-email-code'
const confirmPath = '/api/v1/public/auth/confirm-email-code'
const json = { 'content-type': 'application/json' }
const now = new Date('2026-03-01T12:00:00Z')
const key = { kty: 'OKP', crv: 'Ed25519', x: 'AA', kid: '00', use: 'sig', status: 'active' } as const
const confirmation = { challenge_id: 'c', code: '12345678', client_public_key: 'AAAA', proof: 'AAAA' }

/** A problem document whose status is not the answer's. */
const other = JSON.stringify({ type: 'about:blank', title: 'x', status: 409, code: 'conflict', detail: 'd' })

type Seen = { url: string; headers: Record<string, unknown>; body: unknown }

/** The public app before a backend that answers as `answer` says. */
async function aPublicApp(
  answer: (app: FastifyInstance) => void = (app) => app.post('*', async () => ({ challenge_id: 'c1' })),
  options: { corsOrigins?: string[]; state?: () => Promise<Readiness>; trustedProxies?: BlockList } = {},
) {
  const stack = new AsyncDisposableStack()
  const seen: Seen[] = []
  const behind = fastify()
  behind.addHook('preHandler', async ({ url, headers, body }) => void seen.push({ url, headers, body }))
  answer(behind)
  const { url } = stack.use(await listen(behind, { host: '127.0.0.1', port: 0 }, 'test'))
  const dispatcher = new Agent()
  stack.defer(() => dispatcher.destroy())
  const backend = createBackendClient({
    baseUrl: url,
    serviceToken: 'service-token',
    dispatcher,
    timeoutMs: 5_000,
    log: silentLog,
  })
  const app = createPublicApp({
    backend,
    signer: { keys: () => [key] },
    audience: 'galaxy',
    trustedProxies: new BlockList(),
    corsOrigins: [],
    clock: { now: () => now },
    state: async () => 'ready',
    log: silentLog,
    ...options,
  })
  stack.defer(() => app.close())
  const post = (body: unknown, headers: Record<string, string> = json, to = path) =>
    app.inject({ method: 'POST', url: to, headers, payload: typeof body === 'string' ? body : JSON.stringify(body) })
  return { app, seen, post, stopBackend: () => behind.close(), [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

describe('signing in', () => {
  it('asks the backend for a code, with the credential and the address of the client', async () => {
    await using gateway = await aPublicApp()
    const answer = await gateway.post({ email: 'ada@example.org', locale: 'de' })
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({ challenge_id: 'c1' })
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(gateway.seen).toEqual([
      {
        url: path,
        headers: expect.objectContaining({ authorization: 'Bearer service-token', 'x-client-ip': '127.0.0.1' }),
        body: { email: 'ada@example.org', locale: 'de' },
      },
    ])
  })

  it('confirms the code with the device’s key', async () => {
    await using gateway = await aPublicApp((app) => app.post('*', async () => ({ device_session_id: 's1' })))
    const body = { ...confirmation, device_label: 'laptop', time_zone: 'Europe/Berlin' }
    const answer = await gateway.post(body, json, confirmPath)
    expect(answer.json()).toEqual({ device_session_id: 's1' })
    expect(gateway.seen[0]).toMatchObject({ url: confirmPath, body })
  })

  it('passes a refusal of the backend on as it is', async () => {
    const problem = {
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      code: 'invalid_or_expired_code',
      detail: '',
    }
    await using gateway = await aPublicApp((app) =>
      app.post('*', async (_request, reply) => reply.code(400).type('application/problem+json').send(problem)),
    )
    const answer = await gateway.post(confirmation, json, confirmPath)
    expect(answer.statusCode).toBe(400)
    expect(answer.headers['content-type']).toMatch('application/problem+json')
    expect(answer.json()).toEqual(problem)
  })

  it('passes on when to try again', async () => {
    const problem = {
      type: 'about:blank',
      title: 'Unavailable',
      status: 503,
      code: 'service_unavailable',
      detail: 'Soon.',
    }
    await using gateway = await aPublicApp((app) =>
      app.post('*', async (_request, reply) =>
        reply.code(503).header('retry-after', '7').type('application/problem+json').send(problem),
      ),
    )
    const answer = await gateway.post({ email: 'ada@example.org' })
    expect(answer.statusCode).toBe(503)
    expect(answer.headers['retry-after']).toBe('7')
    expect(answer.json()).toEqual(problem)
  })

  it('passes nothing on that the answer has beside what it must have', async () => {
    const body = { challenge_id: 'c1', user: { email: 'ada@example.org' } }
    await using gateway = await aPublicApp((app) => app.post('*', async () => body))
    expect((await gateway.post({ email: 'ada@example.org' })).json()).toEqual({ challenge_id: 'c1' })
  })

  it('is unavailable without the backend (abuse 87)', async () => {
    await using gateway = await aPublicApp()
    await gateway.stopBackend()
    const answer = await gateway.post({ email: 'ada@example.org' })
    expect(answer.json()).toMatchObject({ status: 503, code: 'backend_unavailable' })
  })

  it.each([
    { what: 'the page of a proxy', status: 200, type: 'text/html', body: '<h1>' },
    { what: 'a redirect', status: 302, type: 'application/json', body: '{}' },
    {
      what: 'an error of something else',
      status: 500,
      type: 'application/json',
      body: '{"message":"select * failed"}',
    },
    { what: 'a problem of another status', status: 400, type: 'application/problem+json', body: other },
    { what: 'null', status: 200, type: 'application/json', body: 'null' },
    { what: 'a list', status: 200, type: 'application/json', body: '[]' },
    { what: 'a success without its members', status: 200, type: 'application/json', body: '{"id":"c1"}' },
    { what: 'a success of another type', status: 200, type: 'application/json', body: '{"challenge_id":1}' },
    { what: 'no body', status: 204, type: 'application/json', body: '' },
    { what: 'half a body', status: 200, type: 'application/json', body: '{"challenge_id":"c' },
    { what: 'a body of 2 MB', status: 200, type: 'application/json', body: JSON.stringify('x'.repeat(2_000_000)) },
    { what: 'an empty error', status: 404, type: 'application/json', body: '' },
    { what: 'a refused credential', status: 401, type: 'application/problem+json', body: '{}' },
  ])('tells nothing of what is wrong behind it: $what (abuse 89)', async ({ status, type, body }) => {
    await using gateway = await aPublicApp((app) =>
      app.post('*', async (_request, reply) => reply.code(status).type(type).header('location', '/').send(body)),
    )
    const answer = await gateway.post({ email: 'ada@example.org' })
    expect(answer.json()).toMatchObject({ status: 502, code: 'upstream_invalid' })
  })
})

describe('a body', () => {
  it.each([
    { what: 'with an unknown member', body: '{"email":"a@b.c","admin":true}', status: 400 },
    { what: 'without a member', body: '{}', status: 400 },
    { what: 'with a member of another type', body: '{"email":["a@b.c"]}', status: 400 },
    { what: 'that is no object', body: '[]', status: 400 },
    { what: 'that is no JSON', body: '{"email":', status: 400 },
    { what: 'that reaches for the prototype', body: '{"email":"a@b.c","__proto__":{"x":1}}', status: 400 },
    { what: 'that is empty', body: '', status: 400 },
    { what: 'that is nested a thousand deep', body: `{"email":${'['.repeat(1000)}${']'.repeat(1000)}}`, status: 400 },
    { what: 'of more than 16 KiB', body: JSON.stringify({ email: 'x'.repeat(16_384) }), status: 413 },
  ])('$what is refused as $status and never reaches the backend (abuse 4)', async ({ body, status }) => {
    await using gateway = await aPublicApp()
    const answer = await gateway.post(body)
    expect(answer.json()).toMatchObject({ status, code: 'invalid_input' })
    expect(answer.headers['content-type']).toMatch('application/problem+json')
    expect(gateway.seen).toEqual([])
  })

  it('that names a member twice says one thing to everybody', async () => {
    await using gateway = await aPublicApp()
    await gateway.post('{"email":"a@b.c","email":"x@y.z"}')
    expect(gateway.seen[0]?.body).toEqual({ email: 'x@y.z' })
  })

  it.each([
    { what: 'plain text', headers: { 'content-type': 'text/plain' } },
    { what: 'a form', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    { what: 'nothing', headers: {} as Record<string, string> },
  ])('that claims to be $what is refused as 415 (abuse 4)', async ({ headers }) => {
    await using gateway = await aPublicApp()
    const answer = await gateway.post('{"email":"a@b.c"}', headers)
    expect(answer.json()).toMatchObject({ status: 415 })
    expect(gateway.seen).toEqual([])
  })

  it('that claims to be two things is refused as 415 (abuse 4)', async () => {
    await using gateway = await aPublicApp()
    await using listener = await listen(gateway.app, { host: '127.0.0.1', port: 0 }, 'test')
    const status = await new Promise((resolve) => {
      const headers = [
        'Host',
        'x',
        'Content-Type',
        'application/json',
        'Content-Type',
        'text/plain',
        'Content-Length',
        '2',
      ]
      request(listener.url + path, { method: 'POST', headers }, ({ statusCode }) => resolve(statusCode)).end('{}')
    })
    expect(status).toBe(415)
  })
})

describe('who a client says it is', () => {
  it('counts for nothing (abuse 36, 38)', async () => {
    await using gateway = await aPublicApp()
    const forged = { 'x-user-id': 'u', 'x-client-ip': '1.1.1.1', x_client_ip: '1.1.1.1', 'x-forwarded-for': '1.1.1.1' }
    await gateway.post({ email: 'a@b.c' }, { ...json, ...forged })
    expect(gateway.seen[0]?.headers).toMatchObject({ 'x-client-ip': '127.0.0.1' })
    expect(Object.keys(gateway.seen[0]?.headers ?? {})).not.toContain('x-user-id')
  })

  it('is what our own proxies have seen', async () => {
    const trustedProxies = parseNetworks(['127.0.0.0/8']) ?? new BlockList()
    await using gateway = await aPublicApp(undefined, { trustedProxies })
    await gateway.post({ email: 'a@b.c' }, { ...json, 'x-forwarded-for': '1.1.1.1, 198.51.100.1' })
    expect(gateway.seen[0]?.headers).toMatchObject({ 'x-client-ip': '198.51.100.1' })
  })
})

describe('what a client must know before it can sign', () => {
  it('is the keys, the audience and the time', async () => {
    await using gateway = await aPublicApp()
    const answer = await gateway.app.inject('/api/v1/public/keys')
    expect(answer.json()).toEqual({ keys: [key], audience: 'galaxy', server_time_ms: now.getTime() })
    expect(answer.headers['cache-control']).toMatch(/^public, max-age=/)
  })

  it('is the time alone, from no cache', async () => {
    await using gateway = await aPublicApp()
    const answer = await gateway.app.inject('/api/v1/public/server-time')
    expect(answer.json()).toEqual({ server_time_ms: now.getTime() })
    expect(answer.headers['cache-control']).toBe('no-store')
  })
})

describe('scripts of other origins', () => {
  const origin = 'https://play.example.org'
  const preflight = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type',
  }

  it('may sign in from a listed one (abuse 10)', async () => {
    await using gateway = await aPublicApp(undefined, { corsOrigins: [origin] })
    const before = await gateway.app.inject({ method: 'OPTIONS', url: path, headers: preflight })
    expect(before.statusCode).toBe(204)
    expect(before.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'Content-Type',
    })
    const answer = await gateway.post('{', { ...json, origin })
    expect(answer.headers['access-control-allow-origin']).toBe(origin)
    expect(answer.statusCode).toBe(400)
  })

  it('may not from any other (abuse 10)', async () => {
    await using gateway = await aPublicApp(undefined, { corsOrigins: ['https://other.example.org'] })
    const before = await gateway.app.inject({ method: 'OPTIONS', url: path, headers: preflight })
    expect(before.headers).not.toHaveProperty('access-control-allow-origin')
  })
})

describe('the probes', () => {
  it.each([
    { state: 'ready', status: 200 },
    { state: 'unavailable', status: 503 },
    { state: 'draining', status: 503 },
  ] as const)('say that it lives, and whether it is ready: $state is $status', async ({ state, status }) => {
    await using gateway = await aPublicApp(undefined, { state: async () => state })
    expect((await gateway.app.inject('/healthz')).json()).toEqual({ status: 'ok' })
    const answer = await gateway.app.inject('/readyz')
    expect(answer.statusCode).toBe(status)
    expect(answer.json()).toEqual({ status: state })
  })
})
