import { databaseFailure } from '../platform/database-errors.ts'
import { Refusal } from '../platform/errors.ts'

/** What to answer when the database is away: it will be back, and the caller may try again. Other errors stay as they are. */
export function asOutage(error: Error): Error {
  if (databaseFailure(error) !== 'transient') return error
  const message = 'The database is not available at the moment; nothing was changed.'
  return new Refusal('unavailable', 'service_unavailable', message, { cause: error, details: { retry_after_ms: 1000 } })
}
