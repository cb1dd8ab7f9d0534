import { z } from 'zod'
import { duration, type Environment, readSettings, wholeNumber } from '../platform/settings.ts'

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** Named literally, not taken from the contract's list: this is the page where an operator looks them up. */
const Settings = z.object({
  GALAXY_STATE_DIR: z.string().default('/var/lib/galaxy'),
  GALAXY_ENGINE_HOST: z.string().default('::'),
  GALAXY_ENGINE_PORT: wholeNumber(0, 65_535).prefault('8080'),
  GALAXY_ENGINE_EPOCH: wholeNumber(0, Number.MAX_SAFE_INTEGER).prefault('0'),
  GALAXY_ORPHAN_GRACE: duration({ min: '100ms' }).optional(),
  GALAXY_LOG_FORMAT: z.enum(['json', 'pretty'], 'must be json or pretty').default('json'),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
})

/** Of `galaxy up`, and of the tests. */
const notOfEngines = /^GALAXY_(LOG_LEVEL$|TEST_|E2E_|CONFORMANCE_|CLUSTER_)/

export type EngineSettings = ReturnType<typeof readEngineSettings>

/**
 * The engine's settings from its environment.
 * @throws StartupError with one line for each wrong one
 */
export function readEngineSettings(environment: Environment) {
  // The controller that starts it may be of another version, and may know settings that this one does not.
  const given = readSettings(Settings, environment, { prefix: 'GALAXY_', others: notOfEngines, onlyMisspelt: true })
  return {
    stateDir: given.GALAXY_STATE_DIR,
    listen: { host: given.GALAXY_ENGINE_HOST, port: given.GALAXY_ENGINE_PORT },
    /** The epoch it was started with; 0 = it learns its epoch from the state directory and from calls. */
    epoch: given.GALAXY_ENGINE_EPOCH,
    /** After so long without a call it ends itself, once its parent process is gone; undefined = never. */
    orphanGraceMs: given.GALAXY_ORPHAN_GRACE,
    logFormat: given.GALAXY_LOG_FORMAT,
    logLevel: given.LOG_LEVEL,
  }
}
