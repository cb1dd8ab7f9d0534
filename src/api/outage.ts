import {
  BackendTerminatedError,
  BackendTerminatedUnexpectedlyError,
  ConnectionError,
  IdleTransactionTimeoutError,
  StatementTimeoutError,
} from 'slonik'
import { Refusal } from '../platform/errors.ts'

const outages = [
  BackendTerminatedError,
  BackendTerminatedUnexpectedlyError,
  ConnectionError,
  IdleTransactionTimeoutError,
  StatementTimeoutError,
]

/**
 * The database's own words for: not now. Connections (08), too many of them (53300), shutting down and starting up
 * (57P0x), read-only after a failover (25006), and a deadlock or a serialization failure that retries did not cure.
 */
const passingCodes =
  /^(08...|53300|57P0[123]|25006|40001|40P01|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/

/** What to answer when the database is away: it will be back, and the caller may try again. Other errors stay as they are. */
export function asOutage(error: Error): Error {
  if (!isOutage(error)) return error
  const message = 'The database is not available at the moment; nothing was changed.'
  return new Refusal('unavailable', 'service_unavailable', message, { cause: error, details: { retry_after_ms: 1000 } })
}

function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (outages.some((outage) => error instanceof outage)) return true
  if ('code' in error && typeof error.code === 'string' && passingCodes.test(error.code)) return true
  return error.cause !== undefined && isOutage(error.cause)
}
