import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { callsOf, temporaryDir } from '../../src/engine/fixtures.ts'
import { aBackend, aFolder } from '../../src/edge/fixtures.ts'
import { freeAddress } from '../support/free-address.ts'
import { galaxy } from '../support/command.ts'
import { startPlatform } from '../support/platform.ts'

/** Where the log of a process goes: a descriptor to inherit. */
type Place = AsyncDisposable & { fd: number }

/** A named pipe that is full, and that nobody reads before `reader` is used. */
async function fullPipe(): Promise<Place & { reader: FileHandle }> {
  await using stack = new AsyncDisposableStack()
  const { reader, writer, fill } = await openPipe(stack)
  stack.use(reader)
  await fill()
  const held = stack.move()
  return { fd: writer.fd, reader, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

/** A pipe whose reader has died. */
async function brokenPipe(): Promise<Place> {
  await using stack = new AsyncDisposableStack()
  const { reader, writer } = await openPipe(stack)
  await reader.close()
  const held = stack.move()
  return { fd: writer.fd, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

async function openPipe(stack: AsyncDisposableStack) {
  const dir = stack.use(await temporaryDir())
  const path = join(dir.path, 'log')
  await promisify(execFile)('mkfifo', [path])
  const reader = await open(path, 'r+')
  const writer = stack.use(await open(path, 'w'))
  const fill = async () => {
    await using filler = await open(path, constants.O_WRONLY | constants.O_NONBLOCK)
    const line = Buffer.alloc(4096, 'x')
    while ((await filler.write(line).catch(() => ({ bytesWritten: 0 }))).bytesWritten > 0);
  }
  return { reader, writer, fill }
}

async function fullDisk(): Promise<Place> {
  const file = await open('/dev/full', 'w')
  return { fd: file.fd, [Symbol.asyncDispose]: () => file.close() }
}

async function anEdge(place: Place, format: 'json' | 'pretty', more: Record<string, string>) {
  const [http, admin] = [await freeAddress(), await freeAddress()]
  const settings = {
    ...more,
    GATEWAY_PUBLIC_HTTP_ADDR: `${http.host}:${http.port}`,
    GATEWAY_ADMIN_HTTP_ADDR: `${admin.host}:${admin.port}`,
  }
  const child = spawn(galaxy, ['edge', '--log-format', format], {
    stdio: ['ignore', 'ignore', place.fd],
    env: { ...process.env, ...settings },
  })
  const url = `http://${http.host}:${http.port}`
  const status = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(url + path, { ...init, signal: AbortSignal.timeout(5000) })
    await answer.text()
    return answer.status
  }
  await expect.poll(() => status('/healthz').catch(() => 0)).toBe(200)
  const metrics = async () => (await fetch(`http://${admin.host}:${admin.port}/metrics`)).text()
  return { child, status, metrics, [Symbol.asyncDispose]: () => killed(child) }
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

const signIn = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"email":"a@b.example"}' }

describe('an edge whose backend is away', () => {
  it.each([
    { where: 'a pipe that nobody reads', place: fullPipe, format: 'json' },
    { where: 'a pipe that nobody reads', place: fullPipe, format: 'pretty' },
    { where: 'a full disk', place: fullDisk, format: 'json' },
    { where: 'a full disk', place: fullDisk, format: 'pretty' },
    { where: 'a pipe whose reader has died', place: brokenPipe, format: 'json' },
  ] as const)(
    'answers every request and stops while its $format log goes to $where',
    async ({ place: make, format }) => {
      await using place = await make()
      await using backend = await aBackend()
      await using folder = await aFolder(backend.environment)
      const environment = Object.fromEntries(
        Object.entries(folder.environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      )
      await using edge = await anEdge(place, format, {
        ...environment,
        GATEWAY_BACKEND_HTTP_URL: 'http://127.0.0.1:9',
        GATEWAY_LOG_LEVEL: 'trace',
      })
      const paths = ['/api/v1/public/auth/send-email-code', '/healthz', '/no-such-path']
      const statuses: number[] = []
      for (let i = 0; i < 100; i++)
        statuses.push(...(await Promise.all(paths.map((path) => edge.status(path, path === paths[0] ? signIn : {})))))
      expect([...new Set(statuses)].toSorted((a, b) => a - b)).toEqual([200, 404, 503])
      expect(statuses.filter((status) => status === 200)).toHaveLength(100)
      expect(await edge.metrics()).toMatch(/^galaxy_log_lines_dropped_total\{reason="repeated"\} [1-9]/m)
      const ended = once(edge.child, 'exit')
      const startedAt = Date.now()
      edge.child.kill('SIGTERM')
      expect(await ended).toEqual([0, null])
      expect(Date.now() - startedAt).toBeLessThan(10_000)
    },
  )
})

/** Writes numbered lines at once, and lives on. */
const writesLines = `
  const { createLog } = await import(${JSON.stringify(new URL('../../src/platform/log.ts', import.meta.url).href)})
  const log = createLog({ level: 'info', format: 'json' })
  for (let number = 0; number < 20_000; number++) log.info({ number }, 'a line')
  setInterval(() => undefined, 1000)
`

describe('a process whose log is read again', () => {
  it('writes its newest lines and says how many are missing', async () => {
    await using place = await fullPipe()
    const child = spawn(process.execPath, ['--input-type=module', '-e', writesLines], {
      stdio: ['ignore', 'ignore', place.fd],
    })
    await using _child = { [Symbol.asyncDispose]: () => killed(child) }
    let text = ''
    const lines = () => text.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
    while (!text.includes('"dropped":')) {
      const { bytesRead, buffer } = await place.reader.read()
      text += buffer.toString('utf8', 0, bytesRead)
    }
    const parsed = lines().map((line): { number?: number; dropped?: { blocked: number } } => JSON.parse(line))
    const numbers = parsed.flatMap(({ number }) => number ?? [])
    const dropped = parsed.find((line) => line.dropped)?.dropped?.blocked ?? 0
    expect(numbers.at(-1)).toBe(19_999)
    expect(dropped).toBeGreaterThan(0)
    // The first follows what filled the pipe, on the same line.
    expect(Math.abs(numbers.length + dropped - 20_000)).toBeLessThanOrEqual(1)
  })
})

describe('the engine', () => {
  it.each([
    { where: 'a full pipe', place: fullPipe },
    { where: 'a full disk', place: fullDisk },
    { where: 'a pipe whose reader has died', place: brokenPipe },
  ])('answers and stops while its log goes to $where', async ({ place: make }) => {
    await using place = await make()
    await using dir = await temporaryDir()
    const { host, port } = await freeAddress()
    const program = fileURLToPath(new URL('../../src/engine/main.ts', import.meta.url))
    const child = spawn(process.execPath, [program], {
      stdio: ['ignore', 'ignore', place.fd],
      env: { GALAXY_STATE_DIR: dir.path, GALAXY_ENGINE_HOST: host, GALAXY_ENGINE_PORT: String(port) },
    })
    await using _child = { [Symbol.asyncDispose]: () => killed(child) }
    const calls = callsOf(`http://${host}:${port}`)
    await expect
      .poll(() =>
        calls.status().then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200)
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })
})

describe('the whole platform', () => {
  it('comes up, answers and stops while its log goes to a full disk', async () => {
    await using place = await fullDisk()
    await using platform = await startPlatform({ stdio: ['ignore', 'ignore', place.fd], logFormat: 'pretty' })
    const { edgePublic, api, controller } = platform.endpoints
    for (const url of [edgePublic, api, controller]) expect((await fetch(`${String(url)}/readyz`)).status).toBe(200)
    const ended = once(platform.child, 'exit')
    platform.child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })
})
