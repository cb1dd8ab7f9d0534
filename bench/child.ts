import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export type ServerOptions = {
  /** The one processor that it may use (Linux). */
  core?: number
  environment?: Readonly<Record<string, string>>
}

/** Runs a program of `bench/servers/` in a process of its own; it prints its URL on one line when it is ready. */
export async function startServer(
  name: string,
  args: readonly string[],
  { core, environment = {} }: ServerOptions = {},
): Promise<AsyncDisposable & { url: string }> {
  const program = fileURLToPath(new URL(`./servers/${name}.ts`, import.meta.url))
  const pinned = core === undefined ? [] : ['taskset', '--cpu-list', String(core)]
  const [command = '', ...rest] = [...pinned, process.execPath, program, ...args]
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  })
  const url = await Promise.race([firstLine(child.stdout), once(child, 'exit').then(() => undefined)])
  if (url === undefined) throw new Error(`bench server ${name} ended before it was ready`)
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string | undefined> {
  for await (const line of createInterface({ input: stream })) return line
  return undefined
}
