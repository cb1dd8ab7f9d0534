import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from './ports.ts'

const galaxy = fileURLToPath(new URL('../bin/galaxy', import.meta.url))
/** What /proc counts processor time in: 100 a second on every Linux. */
const tickMs = 10

const asDeployed = {
  // The first is what Node.js chooses for itself under the memory limit of manifests/base, 512 MiB; here nothing limits it.
  NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=8',
  // As manifests/base sets it.
  MALLOC_ARENA_MAX: '1',
  // As the image sets it: without the first module in the cache, the stripper of types is loaded, and stays.
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/galaxy', import.meta.url)),
}

/** A real `galaxy controller` process. */
export type Controller = AsyncDisposable & {
  /** The value of the metric on the line that begins so; 0 while there is none. */
  metric: (line: string) => Promise<number>
  /** As the operating system counts it (Linux). */
  usage: () => Promise<{ rssMb: number; cpuMs: number }>
}

/** Starts it with default settings but these; resolves before it answers. */
export async function startController(settings: Readonly<Record<string, string>>): Promise<Controller> {
  const port = await freePort()
  const env = {
    ...process.env,
    CONTROLLER_HTTP_ADDR: '127.0.0.1:0',
    CONTROLLER_METRICS_ADDR: `127.0.0.1:${port}`,
    CONTROLLER_OTEL_TRACES_EXPORTER: 'none',
    CONTROLLER_OTEL_METRICS_EXPORTER: 'prometheus',
    CONTROLLER_LOG_LEVEL: 'warn',
    ...asDeployed,
    ...settings,
  }
  const child = spawn(galaxy, ['controller'], { stdio: ['ignore', 'ignore', 'inherit'], env })
  return {
    metric: async (line) => valueOn(line, await metricsOf(port)),
    usage: () => usageOf(child),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

async function metricsOf(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined)
  return (await answer?.text()) ?? ''
}

function valueOn(line: string, metrics: string): number {
  const found = metrics.split('\n').find((each) => each.startsWith(line))
  return Number(found?.split(' ').at(-1) ?? 0)
}

async function usageOf({ pid }: ChildProcess): Promise<{ rssMb: number; cpuMs: number }> {
  const [status, stat] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8'),
    readFile(`/proc/${pid}/stat`, 'utf8'),
  ])
  const rssMb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
  // The second field, the program's name, may contain blanks; user and system time are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { rssMb, cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs }
}
