import { z } from 'zod'
import { type Environment, readSettings } from '../platform/settings.ts'

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

const Settings = z.object({
  GALAXY_LOG_LEVEL: z
    .enum(logLevels, { error: ({ input }) => `must be one of ${logLevels.join(', ')}, but is "${String(input)}"` })
    .prefault('info'),
})

/** Of the engine, which `galaxy up` sets itself, and of the tests. */
const others =
  /^GALAXY_(STATE_DIR$|ENGINE_(HOST|PORT|EPOCH)$|ORPHAN_GRACE$|LOG_FORMAT$|TEST_|E2E_|CONFORMANCE_|CLUSTER_)/

/**
 * The settings of `galaxy up` itself.
 * @throws StartupError with one line for each wrong one
 */
export function readOwnSettings(environment: Environment): { logLevel: string } {
  const { GALAXY_LOG_LEVEL: logLevel } = readSettings(Settings, environment, { prefix: 'GALAXY_', others })
  return { logLevel }
}
