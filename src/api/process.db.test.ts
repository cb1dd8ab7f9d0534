import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Code, ConnectError, createClient } from '@connectrpc/connect'
import { createConnectTransport } from '@connectrpc/connect-node'
import { z } from 'zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { eventually } from '../../test/support/eventually.ts'
import { query } from '../../test/support/query.ts'
import { Push } from '../gen/galaxy/push/v1/push_pb.ts'
import { commands } from '../messages/index.ts'
import { silentLog } from '../platform/log.ts'
import { type ApiProcess, startApi } from './process.ts'
import { serviceToken, someSettings, startGamesApi } from './testing.ts'

const alice = randomUUID()
const holds = (type: string) => ({
  type,
  status: 'True',
  reason: 'Test',
  message: '',
  lastTransitionTime: '2026-03-01T11:30:00Z',
})

/** A game of alice's, as an API server sends it. */
const gameAt = (endpoint: string) => ({
  apiVersion: 'galaxy.dev/v1',
  kind: 'Game',
  metadata: {
    name: 'andromeda',
    namespace: 'default',
    uid: randomUUID(),
    resourceVersion: '90',
    creationTimestamp: '2026-03-01T11:00:00Z',
  },
  spec: { engine: { version: '~1.0' }, players: [{ userId: alice, raceName: 'Terrans' }] },
  status: {
    conditions: ['Initialized', 'Ready', 'TurnsActive'].map(holds),
    engine: { endpoint, epoch: 1 },
    turn: { number: 4 },
  },
})

type Running = AsyncDisposable & { api: ApiProcess; sleep: (asleep: boolean) => void }

async function run(
  databaseUrl: string,
  { endpoint = 'http://127.0.0.1:1', asleep = false, more = {} } = {},
): Promise<Running> {
  await using stack = new AsyncDisposableStack()
  const kube = stack.use(await startGamesApi([gameAt(endpoint)]))
  kube.sleep(asleep)
  const { settings } = stack.use(await someSettings({ databaseUrl, kubeApi: kube.server, more }))
  const api = stack.use(await startApi({ settings, log: silentLog, runtimeMetrics: false }))
  const held = stack.move()
  return { api, sleep: kube.sleep, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

const credential = { authorization: `Bearer ${serviceToken}` }
const asAlice = { ...credential, 'x-user-id': alice, 'x-device-session-id': randomUUID() }
const get = (api: ApiProcess, path: string, headers: Record<string, string> = {}) =>
  fetch(`${api.url}${path}`, { headers })
const statusOf = async (api: ApiProcess, path: string) => (await get(api, path)).status
const ready = (api: ApiProcess) => eventually(async () => (await statusOf(api, '/readyz')) === 200)

let database: TestDatabase
beforeAll(async () => (database = await createTestDatabase()))
afterAll(() => database[Symbol.asyncDispose]())

describe('the api', () => {
  let running: Running
  beforeAll(async () => {
    running = await run(database.url)
    await ready(running.api)
  })
  afterAll(() => running[Symbol.asyncDispose]())

  it.each([
    ['GET', '/api/v1/user/account'],
    ['GET', '/api/v1/user/sessions'],
    ['GET', '/api/v1/user/lobby/games?scope=mine'],
    ['POST', '/api/v1/user/games/andromeda/orders'],
    ['GET', `/api/v1/internal/sessions/${alice}`],
    ['GET', `/api/v1/internal/users/${alice}`],
    ['POST', `/api/v1/internal/users/${alice}/sessions/revoke-all`],
  ])('demands the service credential, whatever identity is claimed: %s %s (abuse 37)', async (method, path) => {
    const { authorization: _, ...claimed } = asAlice
    for (const headers of [claimed, { ...claimed, authorization: 'Bearer wrong' }]) {
      const answer = await fetch(`${running.api.url}${path}`, { method, headers })
      expect(answer.status).toBe(401)
      expect(await answer.json()).toMatchObject({ code: 'service_credential_required' })
    }
  })

  it('demands it of subscribers, too (abuse 37)', async () => {
    const transport = createConnectTransport({ baseUrl: running.api.pushUrl, httpVersion: '2' })
    const frames = createClient(Push, transport).subscribePush({ lastCursor: '' })
    const failure = await (async () => {
      for await (const _ of frames) return undefined
    })().catch((error: unknown) => error)
    expect(ConnectError.from(failure).code).toBe(Code.Unauthenticated)
  })

  it('lets gateways see and call', async () => {
    const games = await get(running.api, '/api/v1/user/lobby/games?scope=mine', asAlice)
    expect(await games.json()).toMatchObject({ games: [{ name: 'andromeda', race_name: 'Terrans', turn: 4 }] })
    expect((await get(running.api, '/api/v1/internal/healthz', credential)).status).toBe(200)
  })

  it('takes sign-ins without a credential', async () => {
    const answer = await fetch(`${running.api.url}/api/v1/public/auth/send-email-code`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'alice@example.org' }),
    })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual({ challenge_id: expect.any(String) })
  })

  it('names the request in its answer', async () => {
    const answer = await get(running.api, '/api/v1/user/account?x=1', { 'x-request-id': 'r-17' })
    expect(answer.headers.get('x-request-id')).toBe('r-17')
    expect(await answer.json()).toMatchObject({ status: 401, instance: '/api/v1/user/account', request_id: 'r-17' })
    const nameless = await get(running.api, '/api/v1/user/account', { 'x-request-id': 'two words' })
    expect(nameless.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('describes every command of the catalogue', async () => {
    const description = JSON.stringify(await (await get(running.api, '/openapi.json')).json())
    for (const type of commands.keys()) expect(description).toContain(`"operationId":"${type}"`)
    expect(description).toContain('/api/v1/public/auth/send-email-code')
    expect(await statusOf(running.api, '/docs/')).toBe(200)
  })

  it('shows its metrics on a listener of their own only', async () => {
    expect(await (await fetch(`${running.api.metricsUrl}/metrics`)).text()).toContain('galaxy_')
    expect(await statusOf(running.api, '/metrics')).toBe(404)
  })

  it('answers 503 while Postgres refuses it, survives, and recovers (abuse 83)', async () => {
    const name = new URL(database.url).pathname.slice(1)
    const server = database.url.replace(name, 'postgres')
    const account = async () =>
      z
        .object({ status: z.int(), code: z.string() })
        .parse(await (await get(running.api, '/api/v1/user/account', asAlice)).json())
    await query(server, `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`)
    await query(server, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`)
    expect(await account()).toMatchObject({ status: 503, code: 'service_unavailable' })
    expect(await statusOf(running.api, '/healthz')).toBe(200)
    await query(server, `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`)
    await eventually(async () => (await account()).code === 'user_not_found')
  })
})

describe('the start of the api', () => {
  it('waits for no Kubernetes API, but is not ready before it knows the games', async () => {
    await using running = await run(database.url, { asleep: true })
    expect(await (await get(running.api, '/healthz')).json()).toEqual({ status: 'ok' })
    expect(await (await get(running.api, '/readyz')).json()).toEqual({ status: 'starting', waiting_for: ['games'] })
    expect(await (await get(running.api, '/api/v1/user/games/andromeda/info', asAlice)).json()).toMatchObject({
      status: 503,
      code: 'not_ready',
    })
    running.sleep(false)
    await ready(running.api)
  })

  it('opens no metrics and no page when they are not wanted', async () => {
    await using running = await run(database.url, { more: { BACKEND_METRICS_ADDR: '', BACKEND_DOCS: 'false' } })
    expect(running.api.metricsUrl).toBeUndefined()
    expect(await statusOf(running.api, '/docs/')).toBe(404)
    expect(await statusOf(running.api, '/openapi.json')).toBe(200)
  })

  it('is refused when Postgres cannot be reached, naming the setting and not the password (abuse 86)', async () => {
    await using given = await someSettings({ databaseUrl: 'postgres://galaxy:topsecret@127.0.0.1:1/galaxy' })
    const start = startApi({ settings: given.settings, log: silentLog })
    await expect(start).rejects.toMatchObject({
      name: 'StartupError',
      message: expect.stringMatching(/^setting BACKEND_DATABASE_URL: /),
    })
    await expect(start).rejects.not.toMatchObject({ message: expect.stringContaining('topsecret') })
  })

  it('is refused for all secrets that are missing or wrong at once (abuse 86)', async () => {
    const more = { BACKEND_SERVICE_TOKEN_FILE: '/nowhere/token', BACKEND_CODE_PEPPER_FILE: '/etc/hostname' }
    await using given = await someSettings({ databaseUrl: database.url, more })
    const said = /^setting BACKEND_SERVICE_TOKEN_FILE: .*\nsetting BACKEND_CODE_PEPPER_FILE: /
    await expect(startApi({ settings: given.settings, log: silentLog })).rejects.toThrow(said)
  })

  it('is refused when a port is taken, and leaves nothing open', async () => {
    await using first = await run(database.url)
    const more = { BACKEND_HTTP_ADDR: new URL(first.api.url).host }
    await expect(run(database.url, { more })).rejects.toThrow('setting BACKEND_HTTP_ADDR')
  })

  it('binds no listener when the schema cannot be brought up to date (abuse 85)', async () => {
    await using broken = await createTestDatabase()
    await query(broken.url, 'DELETE FROM schema_migrations')
    await expect(run(broken.url)).rejects.toThrow(
      /^setting BACKEND_DATABASE_URL: its schema cannot be brought up to date/,
    )
  })

  it('migrates an empty database, once, when two replicas start together (abuse 85)', async () => {
    await using empty = await createTestDatabase()
    await query(empty.url, 'DROP SCHEMA public CASCADE')
    await query(empty.url, 'DROP SCHEMA backend CASCADE')
    await query(empty.url, 'CREATE SCHEMA public')
    const replicas = await Promise.all([run(empty.url), run(empty.url)])
    for (const { api } of replicas) expect(await statusOf(api, '/healthz')).toBe(200)
    for (const replica of replicas) await replica[Symbol.asyncDispose]()
  })
})

describe('the shutdown of the api (abuse 81)', () => {
  /** An engine that takes its time: until it is told. */
  async function startSlowEngine() {
    const asked = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<void>()
    const server = createServer((_request, response) => {
      asked.resolve()
      void finish.promise.then(() => response.end('{"turn":4}'))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    return {
      endpoint: `http://127.0.0.1:${port}`,
      asked: asked.promise,
      finish: finish.resolve,
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections()
        server.close()
      },
    }
  }

  const report = '/api/v1/user/games/andromeda/turns/4/report'

  it('turns new calls away, and answers the one that runs', async () => {
    await using engine = await startSlowEngine()
    await using running = await run(database.url, { endpoint: engine.endpoint })
    const { api } = running
    await ready(api)
    const answer = get(api, report, asAlice)
    await engine.asked
    const stopped = api[Symbol.asyncDispose]()
    await eventually(async () => (await statusOf(api, '/readyz')) === 503)
    expect(await (await get(api, '/readyz')).json()).toEqual({ status: 'draining' })
    expect(await (await get(api, report, asAlice)).json()).toMatchObject({ status: 503, code: 'shutting_down' })
    engine.finish()
    expect(await (await answer).json()).toEqual({ turn: 4 })
    await stopped
    await expect(get(api, '/healthz')).rejects.toThrow('fetch failed')
  })

  it('cuts what does not end in time, and says so', async () => {
    await using engine = await startSlowEngine()
    const more = { BACKEND_HTTP_SHUTDOWN_TIMEOUT: '100ms' }
    const running = await run(database.url, { endpoint: engine.endpoint, more })
    await ready(running.api)
    const answer = get(running.api, report, asAlice).catch(() => 'cut')
    await engine.asked
    await expect(running[Symbol.asyncDispose]()).rejects.toThrow('the shutdown was not clean: HTTP')
    expect(await answer).toBe('cut')
  })

  it('ends open push streams at once, and not after their deadline', async () => {
    const running = await run(database.url)
    const transport = createConnectTransport({ baseUrl: running.api.pushUrl, httpVersion: '2' })
    const frames = createClient(Push, transport).subscribePush({ lastCursor: '' }, { headers: credential })
    const open = Promise.withResolvers<void>()
    const reading = (async () => {
      for await (const _ of frames) open.resolve()
    })().catch(() => undefined)
    await open.promise
    const since = performance.now()
    await running[Symbol.asyncDispose]()
    expect(performance.now() - since).toBeLessThan(8000)
    await reading
  })

  it('ends push streams, and cleanly, also when Postgres is away (abuse 83)', async () => {
    await using own = await createTestDatabase()
    const name = new URL(own.url).pathname.slice(1)
    const running = await run(own.url)
    const transport = createConnectTransport({ baseUrl: running.api.pushUrl, httpVersion: '2' })
    const frames = createClient(Push, transport).subscribePush({ lastCursor: '' }, { headers: credential })
    const open = Promise.withResolvers<void>()
    const reading = (async () => {
      for await (const _ of frames) open.resolve()
    })().catch((error: unknown) => ConnectError.from(error).rawMessage)
    await open.promise
    await query(database.url, `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`)
    await query(database.url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`)
    await running[Symbol.asyncDispose]()
    expect(await reading).toBe('The api is shutting down.')
  })

  it('cuts a push stream that nobody reads after its deadline, and ends cleanly', async () => {
    const running = await run(database.url, { more: { BACKEND_GRPC_PUSH_SHUTDOWN_TIMEOUT: '300ms' } })
    const transport = createConnectTransport({ baseUrl: running.api.pushUrl, httpVersion: '2' })
    const frames = createClient(Push, transport).subscribePush({ lastCursor: '' }, { headers: credential })
    await frames[Symbol.asyncIterator]().next()
    await running[Symbol.asyncDispose]()
    await expect(fetch(running.api.pushUrl)).rejects.toThrow('fetch failed')
  })
})
