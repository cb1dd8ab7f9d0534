import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { once } from 'node:events'
import type { ListenAddress } from '../../src/platform/settings.ts'
import { galaxy } from './command.ts'
import { endProcess } from './controller.ts'

export type GalaxyProcess = AsyncDisposable & { child: ChildProcess; output: () => string }

/** One process of a distributed install: `galaxy api`, `galaxy edge`. */
export function startGalaxyProcess(name: 'api' | 'edge', settings: Readonly<Record<string, string>>): GalaxyProcess {
  const child = spawn(galaxy, [name, '--log-format', 'json'], { env: { ...process.env, ...settings } })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text))
  return { child, output: () => said, [Symbol.asyncDispose]: () => endProcess(child, 'SIGTERM') }
}

/** An address that nobody listens on now, for what must keep it over a restart. */
export async function freeAddress(): Promise<ListenAddress> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return { host: '127.0.0.1', port: typeof address === 'object' && address ? address.port : 0 }
}

export const urlOf = ({ host, port }: ListenAddress) => `http://${host}:${port}`
