import { createPgDriverFactory } from '@slonik/pg-driver'
import { createPool, type DatabasePool, type Interceptor, type QueryResultRow, SchemaValidationError } from 'slonik'

export type DatabaseOptions = {
  url: string
  /** Connections at most. */
  poolSize: number
  /** A statement that takes longer is cancelled. */
  statementTimeoutMs: number
}

/** Opens the pool; connections are made when they are first needed. */
export function openDatabase({ url, poolSize, statementTimeoutMs }: DatabaseOptions): Promise<DatabasePool> {
  return createPool(url, {
    driverFactory: createPgDriverFactory(),
    interceptors: [checkRows],
    maximumPoolSize: poolSize,
    connectionTimeout: 5_000,
    statementTimeout: statementTimeoutMs,
    idleInTransactionSessionTimeout: 30_000,
    // Transactions retry what Postgres asks to be retried: deadlocks and serialization failures.
    transactionRetryLimit: 3,
  })
}

/** Slonik trusts `sql.type(Row)` unless told to check it: this is the check. */
const checkRows: Interceptor = {
  name: 'check-rows',
  transformRowAsync: async ({ resultParser }, query, row) => {
    if (!resultParser) return row
    const checked = await resultParser['~standard'].validate(row)
    if (checked.issues) throw new SchemaValidationError(query, row, checked.issues)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the row's schema has just accepted it
    return checked.value as QueryResultRow
  },
}
