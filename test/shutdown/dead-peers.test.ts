import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ListenAddress } from '../../src/platform/settings.ts'
import { apiEnvironment, controllerEnvironment, edgeEnvironment } from '../../src/standalone/environments.ts'
import { layoutOf } from '../../src/standalone/layout.ts'
import { galaxy } from '../support/command.ts'
import { endProcess } from '../support/controller.ts'
import { eventually } from '../support/eventually.ts'
import { freeAddress } from '../support/free-address.ts'
import { urlOf } from '../support/galaxy-process.ts'
import { type Platform, startPlatform } from '../support/platform.ts'
import { startRedis } from '../support/redis.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

/** What a stop may take with every peer gone. It is the sum of small bounds; a machine that is busy adds to it. */
const stopWithinMs = 12_000

let platform: Platform
let collector: AsyncDisposable & { url: string }
beforeAll(async () => {
  platform = await startPlatform({ args: ['api', 'edge', 'controller'].flatMap((part) => ['--without', part]) })
  collector = await silentServer()
})
afterAll(async () => {
  await platform[Symbol.asyncDispose]()
  await collector[Symbol.asyncDispose]()
})

/** Accepts connections and never answers. */
async function silentServer() {
  const server = createServer((socket) => void socket.on('error', () => undefined)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close() }
}

type Started = AsyncDisposable & { child: ChildProcess; said: () => string }

function launch(name: string, settings: Readonly<Record<string, string>>): Started {
  const otel = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    BACKEND_OTEL_TRACES_EXPORTER: 'otlp',
    GATEWAY_OTEL_TRACES_EXPORTER: 'otlp',
    GATEWAY_OTEL_METRICS_EXPORTER: 'otlp',
    CONTROLLER_OTEL_TRACES_EXPORTER: 'otlp',
  }
  const child = spawn(galaxy, [name, '--log-format', 'json'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...settings, ...otel },
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  return { child, said: () => said, [Symbol.asyncDispose]: () => endProcess(child, 'SIGKILL') }
}

const answers = (address: ListenAddress, path = '/readyz') =>
  fetch(urlOf(address) + path, { signal: AbortSignal.timeout(2000) }).then(
    ({ ok }) => ok,
    () => false,
  )

async function stopMs({ child }: Started): Promise<number> {
  const startedAt = performance.now()
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
  return performance.now() - startedAt
}

const proxyTo = async (url: string): Promise<TcpProxy> => {
  const proxy = await startTcpProxy()
  proxy.leadTo(url)
  return proxy
}

/** The settings of an api behind whose database's address is a proxy. */
async function apiBehindProxy() {
  const layout = layoutOf(platform.dir)
  const real = (await readFile(layout.databaseUrl, 'utf8')).trim()
  const database = await proxyTo(real)
  const proxied = new URL(real)
  proxied.port = new URL(database.url).port
  const [http, push, metrics] = [await freeAddress(), await freeAddress(), await freeAddress()]
  const smtp = String(platform.endpoints['smtp'])
  return { database, http, settings: apiEnvironment(layout, { http, push, metrics, database: proxied.href, smtp }, {}) }
}

describe('a stop', () => {
  it('of the edge is not held up by a collector, a Redis and an api that do not answer', async () => {
    await using redis = await startRedis()
    const backend = await apiBehindProxy()
    await using _database = backend.database
    await using api = launch('api', backend.settings)
    await eventually(() => answers(backend.http), 60_000, api.said)
    const [publicHttp, auth, admin] = [await freeAddress(), await freeAddress(), await freeAddress()]
    const push = `http://${String(backend.settings['BACKEND_PUSH_ADDR'])}`
    const needs = { publicHttp, auth, admin, api: urlOf(backend.http), push }
    const settings = edgeEnvironment(layoutOf(platform.dir), needs, { GATEWAY_REDIS_URL: redis.url })
    await using edge = launch('edge', settings)
    await eventually(() => answers(publicHttp), 60_000, edge.said)
    redis.freeze()
    api.child.kill('SIGSTOP')
    expect(await stopMs(edge), edge.said()).toBeLessThan(4000)
    redis.thaw()
  })

  it('of the api is not held up by a collector and a database that do not answer', async () => {
    const { database, http, settings } = await apiBehindProxy()
    await using _database = database
    await using api = launch('api', settings)
    await eventually(() => answers(http), 60_000, api.said)
    database.freeze()
    expect(await stopMs(api), api.said()).toBeLessThan(stopWithinMs)
  })

  it('of the controller is not held up by a collector and a Kubernetes API that do not answer', async () => {
    const [http, metrics] = [await freeAddress(), await freeAddress()]
    const settings = controllerEnvironment(layoutOf(platform.dir), { http, metrics })
    await using controller = launch('controller', settings)
    await eventually(() => controller.said().includes('"leading"'), 60_000, controller.said)
    platform.child.kill('SIGSTOP')
    const tookMs = await stopMs(controller)
    platform.child.kill('SIGCONT')
    expect(tookMs, controller.said()).toBeLessThan(stopWithinMs)
  })

  it('that is asked for twice is immediate', async () => {
    const { database, http, settings } = await apiBehindProxy()
    await using _database = database
    await using api = launch('api', settings)
    await eventually(() => answers(http), 60_000, api.said)
    database.freeze()
    const ended = once(api.child, 'exit')
    api.child.kill('SIGTERM')
    await eventually(() => answers(http, '/readyz').then((ready) => !ready), 10_000, api.said)
    const startedAt = performance.now()
    api.child.kill('SIGTERM')
    expect(await ended).toEqual([1, null])
    expect(performance.now() - startedAt).toBeLessThan(1500)
  })

  it('of an api that waits for its database at the start does not wait with it', async () => {
    const { database, settings } = await apiBehindProxy()
    await using _database = database
    database.freeze()
    await using api = launch('api', { ...settings, BACKEND_LOG_LEVEL: 'debug' })
    await eventually(() => database.open() > 0, 60_000, api.said)
    const ended = once(api.child, 'exit')
    expect(await stopMs(api), api.said()).toBeLessThan(stopWithinMs)
    expect(await ended).toEqual([0, null])
  })
})
