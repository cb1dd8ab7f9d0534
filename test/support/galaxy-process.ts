import { type ChildProcess, spawn } from 'node:child_process'
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

export const urlOf = ({ host, port }: ListenAddress) => `http://${host}:${port}`
