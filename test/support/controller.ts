import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { controllerEnvironment } from '../../src/standalone/environments.ts'
import { layoutOf } from '../../src/standalone/layout.ts'

const galaxy = fileURLToPath(new URL('../../bin/galaxy', import.meta.url))
const anyPort = { host: '127.0.0.1', port: 0 }

/** A real `galaxy controller` beside a `galaxy up --without controller`, to be restarted and killed. */
export function startControllerProcess(
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
  stderr: 'inherit' | 'ignore' | 'pipe' = process.env['GALAXY_TEST_OUTPUT'] ? 'inherit' : 'ignore',
): ChildProcess {
  const environment = controllerEnvironment(layoutOf(dataDir), { http: anyPort, metrics: anyPort })
  return spawn(galaxy, ['controller'], {
    stdio: ['ignore', 'ignore', stderr],
    env: { ...process.env, ...environment, ...settings },
  })
}

export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}
