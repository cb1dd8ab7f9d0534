import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freeAddress } from './free-address.ts'

export type TestRedis = AsyncDisposable & {
  url: string
  /** One command on a connection of its own. */
  command: (name: string, ...args: readonly string[]) => Promise<unknown>
  /** Ends the server without a word; `start` brings it back on the same address, with what it last saved. */
  kill: () => Promise<void>
  start: () => Promise<void>
  /** It keeps its connections, accepts new ones, and says nothing until thawed. */
  freeze: () => void
  thaw: () => void
}

/** A real redis-server on a free port, with a folder of its own; it saves when it is told to. */
export async function startRedis(): Promise<TestRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-test-redis-'))
  const { port } = await freeAddress()
  const url = `redis://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  // Should the tests end without disposing of it.
  const killNow = () => child?.kill('SIGKILL')
  process.once('exit', killNow)

  const redis: TestRedis = {
    url,
    command: (name, ...args) => command(url, name, args),
    async start() {
      child = run(dir, port)
      await untilItAnswers(redis, child)
    },
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await redis.kill()
      process.off('exit', killNow)
      await rm(dir, { recursive: true, force: true })
    },
  }
  await redis.start().catch(async (error: unknown) => {
    await redis[Symbol.asyncDispose]()
    throw error
  })
  return redis
}

function run(dir: string, port: number): ChildProcess {
  const options = { dir, port: String(port), bind: '127.0.0.1', save: '', appendonly: 'no' }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
  return spawn('redis-server', args, { stdio: 'ignore' })
}

async function command(url: string, name: string, args: readonly string[]): Promise<unknown> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await client.call(name, ...args)
  } finally {
    client.disconnect()
  }
}

async function untilItAnswers(redis: TestRedis, child: ChildProcess): Promise<void> {
  const failed = once(child, 'error').then(([error]) => Promise.reject(error))
  failed.catch(() => undefined)
  const deadline = Date.now() + 10_000
  for (;;) {
    const pong = await Promise.race([failed, redis.command('PING').catch(() => undefined)])
    if (pong === 'PONG') return
    if (child.exitCode !== null || Date.now() > deadline) throw new Error('redis-server does not start')
    await delay(20)
  }
}
