import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { eventually } from './eventually.ts'
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
  /** From now on it fails to save, as with a disk that is gone. */
  breakSnapshots: () => Promise<void>
}

/** A real redis-server on a free port, with a folder of its own; it saves when it is told to. */
export async function startRedis(args: readonly string[] = []): Promise<TestRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-test-redis-'))
  const { port } = await freeAddress()
  const url = `redis://127.0.0.1:${port}`
  const file = await writeConfig(dir, port)
  let child: ChildProcess | undefined
  // Should the tests end without disposing of it.
  const killNow = () => child?.kill('SIGKILL')
  process.once('exit', killNow)

  const redis: TestRedis = {
    url,
    command: (name, ...args) => command(url, name, args),
    async start() {
      child = spawn('redis-server', [file, ...args], { stdio: 'ignore' })
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
    async breakSnapshots() {
      await rm(dir, { recursive: true })
      await redis.command('BGSAVE')
      const failed = async () => String(await redis.command('INFO', 'persistence')).includes('bgsave_status:err')
      await eventually(failed)
    },
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

/** A file, because a Sentinel needs one that it can write to. */
async function writeConfig(dir: string, port: number): Promise<string> {
  const file = join(dir, 'redis.conf')
  const lines = [
    `dir ${dir}`,
    `port ${port}`,
    'bind 127.0.0.1',
    'save ""',
    'appendonly no',
    'repl-diskless-sync-delay 0',
  ]
  await writeFile(file, lines.join('\n'))
  return file
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
