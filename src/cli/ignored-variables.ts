import type { Log } from '../platform/log.ts'
import { ignoredVariables } from '../platform/process-environment.ts'
import type { Environment } from '../platform/settings.ts'

/** Says which variables other clients of Postgres would take their connection from, and this one does not. */
export function warnOfIgnoredVariables(environment: Environment, log: Log): void {
  const ignored = ignoredVariables(environment)
  if (ignored.length > 0) log.warn({ ignored }, `not read: ${ignored.join(', ')}; the URL says all about the database`)
}
