import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Runs a program of `bench/servers/` in a process of its own; it prints its URL on one line when it is ready. */
export async function startServer(name: string, args: readonly string[]): Promise<AsyncDisposable & { url: string }> {
  const program = fileURLToPath(new URL(`./servers/${name}.ts`, import.meta.url))
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
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
