import { createPgDriverFactory } from '@slonik/pg-driver'
import { createPool, type DatabasePool, type Interceptor, type QueryResultRow, SchemaValidationError } from 'slonik'
import { failWith, type Scope, scopes } from './telemetry/index.ts'

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
    interceptors: [traceStatements(), checkRows],
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

/** Each statement is a span of whatever it is made for, with its text, which has placeholders where values go. */
function traceStatements(): Interceptor {
  const scopeOf = new WeakMap<object, Scope>()
  const end = ({ sandbox }: { sandbox: object }, finish: (scope: Scope) => void = () => undefined) => {
    const scope = scopeOf.get(sandbox)
    if (!scope) return null
    finish(scope)
    scope.end()
    scopeOf.delete(sandbox)
    return null
  }
  return {
    name: 'trace-statements',
    beforeQueryExecution: ({ sandbox }, { sql }) => {
      const text = sql.trim().replaceAll(/\s+/g, ' ')
      const [operation = ''] = text.split(' ', 1)
      const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': operation, 'db.query.text': text }
      const scope = scopes.getStore()?.child(`postgres ${operation}`, { kind: 'client', attributes })
      if (scope) scopeOf.set(sandbox, scope)
      return null
    },
    afterQueryExecution: (context) => end(context),
    queryExecutionError: (context, _query, error) => end(context, (scope) => failWith(scope, error)),
  }
}
