import { createClient } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { EdgeGateway } from '../gen/galaxy/gateway/v1/gateway_pb.ts'
import { createCertificate } from '../platform/certificate/index.ts'
import { aBackend, aFolder, start } from './fixtures.ts'

async function anEdge(more: Record<string, string> = {}) {
  await using stack = new AsyncDisposableStack()
  const backend = stack.use(await aBackend())
  const folder = stack.use(await aFolder(backend.environment))
  const lines: string[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
  const edge = stack.use(await start({ ...folder.environment, ...more }, log))
  const status = async (path: string) => (await fetch(edge.publicUrl + path)).status
  const held = stack.move()
  return { ...edge, backend, lines, status, stop: edge, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    (error: { rawMessage: string; code: number }) => error.code,
  )

describe('a running edge', () => {
  it.each([
    { by: 'Connect', open: (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: '1.1' }) },
    { by: 'gRPC', open: (baseUrl: string) => createGrpcTransport({ baseUrl }) },
  ])('takes signed commands by $by to the backend, once each', async ({ open }) => {
    await using edge = await anEdge()
    const client = createClient(EdgeGateway, open(edge.authUrl))
    const request = edge.backend.signed('ExecuteCommand', 'user.account.get')
    const answer = await client.executeCommand(request)
    expect(answer.resultCode).toBe('ok')
    expect(answer.signature).toHaveLength(64)
    expect(edge.backend.state.asked).toEqual(['127.0.0.1'])
    const again = client.executeCommand(request)
    await expect(again).rejects.toThrow(/already_exists/)
  })

  it('is ready once push is open', async () => {
    await using edge = await anEdge()
    await expect.poll(() => edge.status('/readyz')).toBe(200)
  })

  it('lives, but is not ready, while push has not caught up', async () => {
    await using backend = await aBackend()
    backend.state.pushed = false
    await using folder = await aFolder(backend.environment)
    await using edge = await start(folder.environment)
    expect((await fetch(`${edge.publicUrl}/healthz`)).status).toBe(200)
    expect((await fetch(`${edge.publicUrl}/readyz`)).status).toBe(503)
  })

  it('starts without the backend, to be ready when that is there', async () => {
    const nobody = 'http://127.0.0.1:9'
    await using folder = await aFolder({ GATEWAY_BACKEND_HTTP_URL: nobody, GATEWAY_BACKEND_PUSH_URL: nobody })
    await using edge = await start(folder.environment)
    expect((await fetch(`${edge.publicUrl}/healthz`)).status).toBe(200)
    expect((await fetch(`${edge.publicUrl}/readyz`)).status).toBe(503)
  })

  it('has metrics on a listener of their own, by labels from fixed sets (abuse 91)', async () => {
    await using edge = await anEdge({ GATEWAY_ADMIN_HTTP_ADDR: '127.0.0.1:0' })
    const client = createClient(EdgeGateway, createConnectTransport({ baseUrl: edge.authUrl, httpVersion: '1.1' }))
    await client.executeCommand(edge.backend.signed('ExecuteCommand', 'user.account.get'))
    await codeOf(client.executeCommand(edge.backend.signed('ExecuteCommand', 'made.up.today')))
    const text = await (await fetch(`${edge.adminUrl}/metrics`)).text()
    expect(text).toMatch(/gateway_requests_total\{.*message_type="user\.account\.get",code="OK"\} 1/)
    expect(text).toMatch(/gateway_requests_total\{.*message_type="other",code="Unimplemented"\} 1/)
    expect(text).not.toContain('made.up')
    expect((await fetch(`${edge.adminUrl}/healthz`)).status).toBe(404)
    expect(await edge.status('/metrics')).toBe(404)
  })
})

describe('stopping', () => {
  it('ends streams first, lets commands end, and is not ready meanwhile (abuse 81)', async () => {
    await using edge = await anEdge()
    await expect.poll(() => edge.status('/readyz')).toBe(200)
    const client = createClient(EdgeGateway, createGrpcTransport({ baseUrl: edge.authUrl }))
    const stream = client.subscribeEvents(edge.backend.signed('SubscribeEvents', 'gateway.subscribe'))
    const events = stream[Symbol.asyncIterator]()
    expect((await events.next()).value?.eventType).toBe('gateway.server_time')
    const held = Promise.withResolvers<void>()
    edge.backend.state.hold = held.promise
    const running = client.executeCommand(edge.backend.signed('ExecuteCommand', 'user.account.get'))
    await expect.poll(() => edge.backend.state.asked.length).toBe(1)

    const stopped = edge.stop[Symbol.asyncDispose]()
    await expect(events.next()).rejects.toThrow(/\[unavailable\]/)
    expect(await edge.status('/readyz')).toBe(503)
    expect(await edge.status('/healthz')).toBe(200)
    held.resolve()
    expect((await running).resultCode).toBe('ok')
    await stopped
    await expect(fetch(`${edge.publicUrl}/healthz`)).rejects.toThrow('fetch failed')
    expect(edge.lines).toEqual([])
  })

  it('cuts a command that does not end in time, and says so (abuse 82)', async () => {
    await using edge = await anEdge({ GATEWAY_SHUTDOWN_TIMEOUT: '1s' })
    const client = createClient(EdgeGateway, createConnectTransport({ baseUrl: edge.authUrl, httpVersion: '1.1' }))
    const held = Promise.withResolvers<void>()
    edge.backend.state.hold = held.promise
    const code = codeOf(client.executeCommand(edge.backend.signed('ExecuteCommand', 'user.account.get')))
    await expect.poll(() => edge.backend.state.asked.length).toBe(1)
    await edge.stop[Symbol.asyncDispose]()
    expect(await code).not.toBe('none')
    expect(edge.lines.join('')).toContain('GATEWAY_AUTH_ADDR: connections are cut')
    held.resolve()
  })
})

describe('starting', () => {
  const nowhere = { GATEWAY_BACKEND_HTTP_URL: 'http://127.0.0.1:9', GATEWAY_BACKEND_PUSH_URL: 'http://127.0.0.1:9' }
  const pair = createCertificate(['localhost'], new Date())
  const other = createCertificate(['localhost'], new Date())

  it.each([
    {
      name: 'GATEWAY_REDIS_URL',
      why: 'nobody is there',
      value: 'redis://127.0.0.1:9',
      more: { GATEWAY_REPLAY_STORE: 'redis' },
    },
    { name: 'GATEWAY_RESPONSE_SIGNER_KEY_FILE', why: 'there is no such file', value: '/nowhere.pem' },
    {
      name: 'GATEWAY_BACKEND_SERVICE_TOKEN_FILE',
      why: 'there is no such file',
      value: '/nowhere',
      more: { GATEWAY_BACKEND_SERVICE_TOKEN: '' },
    },
    { name: 'GATEWAY_PUBLIC_HTTP_ADDR', why: 'this machine has no such address', value: '192.0.2.1:1' },
    { name: 'GATEWAY_AUTH_ADDR', why: 'this machine has no such address', value: '192.0.2.1:1' },
    { name: 'GATEWAY_ADMIN_HTTP_ADDR', why: 'this machine has no such address', value: '192.0.2.1:1' },
  ])('is refused naming $name when $why (abuse 86)', async ({ name, value, more = {} }) => {
    await using folder = await aFolder(nowhere)
    const refused = start({ ...folder.environment, ...more, [name]: value })
    const message = expect.stringMatching(`^setting ${name}: `)
    await expect(refused).rejects.toMatchObject({ name: 'StartupError', message })
  })

  it.each([
    { what: 'is corrupt', content: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', mode: 0o600 },
    { what: 'is a key of another kind', content: pair.key, mode: 0o600 },
    { what: 'can be read by everybody', content: pair.key, mode: 0o644 },
  ])('is refused when the key that signs $what (abuse 30)', async ({ content, mode }) => {
    await using folder = await aFolder(nowhere)
    const GATEWAY_RESPONSE_SIGNER_KEY_FILE = await folder.write('other.pem', content, mode)
    const refused = start({ ...folder.environment, GATEWAY_RESPONSE_SIGNER_KEY_FILE })
    await expect(refused).rejects.toThrow(/^setting GATEWAY_RESPONSE_SIGNER_KEY_FILE: /)
  })

  it.each([
    { cert: 'nonsense', key: pair.key, names: 'GATEWAY_TLS_CERT_FILE' },
    { cert: pair.certificate, key: 'nonsense', names: 'GATEWAY_TLS_KEY_FILE' },
    { cert: pair.certificate, key: other.key, names: 'GATEWAY_TLS_KEY_FILE' },
  ])('is refused when the certificate does not work, naming $names', async ({ cert, key, names }) => {
    await using folder = await aFolder(nowhere)
    const refused = start({
      ...folder.environment,
      GATEWAY_TLS_CERT_FILE: await folder.write('cert.pem', cert),
      GATEWAY_TLS_KEY_FILE: await folder.write('key.pem', key),
    })
    await expect(refused).rejects.toThrow(new RegExp(`^setting ${names}: `))
  })

  it('serves TLS with a certificate that does', async () => {
    await using folder = await aFolder(nowhere)
    await using edge = await start({
      ...folder.environment,
      GATEWAY_TLS_CERT_FILE: await folder.write('cert.pem', pair.certificate),
      GATEWAY_TLS_KEY_FILE: await folder.write('key.pem', pair.key),
    })
    const nodeOptions = { ca: pair.certificate }
    const baseUrl = edge.authUrl.replace('127.0.0.1', 'localhost')
    const client = createClient(EdgeGateway, createGrpcTransport({ baseUrl, nodeOptions }))
    await expect(client.executeCommand({})).rejects.toThrow(/\[invalid_argument\]/)
  })
})
