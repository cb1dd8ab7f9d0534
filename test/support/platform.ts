import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const galaxy = fileURLToPath(new URL('../../bin/galaxy', import.meta.url))

const Endpoints = z.looseObject({ ready: z.literal(true), pid: z.int(), kubeApi: z.url() })
export type Endpoints = z.infer<typeof Endpoints>

export type Platform = AsyncDisposable & {
  dir: string
  kubeconfig: string
  endpoints: Endpoints
  /** The `galaxy up` process. */
  child: ChildProcess
  /** What it has said on both outputs. */
  output: () => string
}

export type PlatformOptions = {
  /** Kept afterwards when given; otherwise a fresh one, removed at the end. */
  dir?: string
  args?: readonly string[]
  env?: Readonly<Record<string, string>>
  readyWithinMs?: number
  /** Where its outputs go but to `output`. */
  stdio?: StdioOptions
  logFormat?: 'json' | 'pretty'
}

/** A real `galaxy up` on random ports, as its user starts it. */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'galaxy-platform-')))
  const { stdio = ['ignore', 'pipe', 'pipe'], logFormat = 'json' } = options
  const args = ['up', '--data-dir', dir, '--ports', 'random', '--log-format', logFormat, ...(options.args ?? [])]
  const child = spawn(galaxy, args, { stdio, env: { ...process.env, ...options.env } })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text))
  const endpoints = await untilReady(join(dir, 'endpoints.json'), child, options.readyWithinMs ?? 60_000).catch(
    (error: unknown) => {
      child.kill('SIGKILL')
      throw new Error(`galaxy up did not become ready: ${String(error)}\n${said}`)
    },
  )
  return {
    dir,
    endpoints,
    child,
    kubeconfig: join(dir, 'kubeconfig'),
    output: () => said,
    [Symbol.asyncDispose]: async () => {
      await endOf(child)
      if (options.dir === undefined)
        await rm(dir, {
          recursive: true,
          force: true,
        })
    },
  }
}

async function untilReady(path: string, child: ChildProcess, withinMs: number): Promise<Endpoints> {
  const deadline = Date.now() + withinMs
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`)
    const found = Endpoints.safeParse(JSON.parse(await readFile(path, 'utf8').catch(() => 'null')))
    if (found.success && isOf(child, found.data)) return found.data
    await delay(20)
  }
  throw new Error(`not within ${withinMs} ms`)
}

/** `bin/galaxy` execs, so the process that we started is the one that writes its id; a leftover file names another. */
function isOf(child: ChildProcess, { pid }: Endpoints): boolean {
  return child.pid === pid
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await Promise.race([ended, delay(30_000).then(() => child.kill('SIGKILL'))])
  await ended
}
