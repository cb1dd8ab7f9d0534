import {
  BackendTerminatedError,
  BackendTerminatedUnexpectedlyError,
  ConnectionError,
  IdleTransactionTimeoutError,
  InputSyntaxError,
  InvalidInputError,
  SchemaValidationError,
  StatementCancelledError,
  StatementTimeoutError,
} from 'slonik'

/**
 * - `transient`: the database is away, overloaded or busy; the same statement may succeed later;
 * - `permanent`: the statement or its values are refused, and always will be.
 */
export type DatabaseFailure = 'transient' | 'permanent'

const transientErrors = [
  BackendTerminatedError,
  BackendTerminatedUnexpectedlyError,
  ConnectionError,
  IdleTransactionTimeoutError,
  StatementCancelledError,
  StatementTimeoutError,
]

/** Slonik keeps no SQLSTATE in these. */
const permanentErrors = [InputSyntaxError, InvalidInputError, SchemaValidationError]

/**
 * SQLSTATEs that pass by themselves: connections (08), read-only after a failover (25006, and 25P03: idle for too long),
 * deadlocks and serialization failures (40), resources such as memory, disk and connections (53), locks (55P03, 55006),
 * shutting down and starting up, cancelled (57), input and output (58).
 */
const transientStates = /^(08...|25006|25P03|40...|53...|55P03|55006|57...|58...)$/
const networkCodes = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/
const sqlState = /^[0-9A-Z]{5}$/

/**
 * Classifies what a database call threw, by the error and its causes; undefined for what does not come from the database.
 * The one place that decides whether a statement is worth another attempt.
 */
export function databaseFailure(error: unknown): DatabaseFailure | undefined {
  if (!(error instanceof Error)) return undefined
  if (transientErrors.some((type) => error instanceof type)) return 'transient'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (networkCodes.test(code) || transientStates.test(code)) return 'transient'
  if (permanentErrors.some((type) => error instanceof type)) return 'permanent'
  // EPIPE and its kin have five letters, too, but none of them is left here but unknown ones: all begin with an E.
  if (sqlState.test(code) && !code.startsWith('E')) return 'permanent'
  return databaseFailure(error.cause)
}

/** True when another attempt at the same statement cannot succeed. */
export function isPermanent(error: unknown): boolean {
  return databaseFailure(error) === 'permanent'
}

/** How an operator is told of a failed statement: its SQLSTATE where there is one, never the values. */
export function databaseErrorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (code !== undefined && sqlState.test(code)) return code
  return error.cause === undefined ? error.name : databaseErrorCode(error.cause)
}
