import { StartupError } from '../platform/errors.ts'
import { runUntilSignalled } from '../platform/lifecycle.ts'
import { createLog } from '../platform/log.ts'
import { readEngineSettings, startEngine } from './index.ts'

try {
  const settings = readEngineSettings(process.env)
  const log = createLog({ level: settings.logLevel, format: settings.logFormat })
  await runUntilSignalled(async () => startEngine({ settings, log }))
} catch (error) {
  if (!(error instanceof StartupError)) throw error
  process.stderr.write(`galaxy engine: ${error.message}\n`)
  process.exitCode = 1
}
