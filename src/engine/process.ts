import { messageOf, StartupError } from '../platform/errors.ts'
import { runUntilSignalled } from '../platform/lifecycle.ts'
import { createLog } from '../platform/log.ts'
import { standardError } from '../platform/output/index.ts'
import type { Environment } from '../platform/settings.ts'
import { startEngine } from './engine.ts'
import { readEngineSettings } from './settings.ts'

/**
 * Runs the engine as a process of its own until SIGTERM.
 * @returns the exit code: 0 after an ordinary end, 1 when it could not start or another engine has taken over
 */
export async function runEngine(environment: Environment): Promise<number> {
  let stale = false
  const end = () => process.kill(process.pid, 'SIGTERM')
  const onStale = () => {
    stale = true
    end()
  }
  try {
    const settings = readEngineSettings(environment)
    const log = createLog({ level: settings.logLevel, format: settings.logFormat })
    await runUntilSignalled(() => startEngine({ settings, log, onStale, onOrphaned: end }))
    return stale ? 1 : 0
  } catch (error) {
    standardError().write(`${error instanceof StartupError ? messageOf(error) : inspectable(error)}\n`)
    return 1
  }
}

/** Anything but a StartupError is a bug: its stack is wanted. */
function inspectable(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
