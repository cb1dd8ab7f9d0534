import type { DatabasePool } from 'slonik'
import { openDatabase } from '../platform/database.ts'
import { messageOf, StartupError } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import { migrate } from '../platform/migrate.ts'

/**
 * Opens the database and brings its schema up to date, so that no listener ever answers on an old one. Of several
 * replicas that start together one migrates and the others wait.
 * @throws StartupError naming BACKEND_DATABASE_URL
 */
export async function startDatabase(
  { url, poolSize }: { url: string; poolSize: number },
  log: Log,
): Promise<DatabasePool> {
  const db = await openDatabase({ url, poolSize, statementTimeoutMs: 10_000 }).catch((cause: unknown) => {
    throw wrong('cannot be used', cause)
  })
  try {
    await migrate({ url, log })
    return db
  } catch (error) {
    await db.end()
    throw wrong('its schema cannot be brought up to date', error)
  }
}

function wrong(what: string, cause: unknown): StartupError {
  return new StartupError(`setting BACKEND_DATABASE_URL: ${what}: ${describe(cause)}`, { cause })
}

/** A refused connection to several addresses has no message of its own. */
function describe(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error)
}
