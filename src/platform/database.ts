import { createPgDriverFactory } from '@slonik/pg-driver'
import { createPool, type DatabasePool, type Interceptor, type QueryResultRow, SchemaValidationError } from 'slonik'

/** A Postgres pool whose rows are checked against the schema of the query. */
export function openPool({ url, pool }: { url: string; pool: number }): Promise<DatabasePool> {
  return createPool(url, {
    driverFactory: createPgDriverFactory(),
    interceptors: [checkRows],
    maximumPoolSize: pool,
  })
}

/** Slonik trusts `sql.type(Row)` unless told to check it: this is the check. */
const checkRows: Interceptor = {
  name: 'check-rows',
  transformRowAsync: async ({ resultParser }, query, row) => {
    if (!resultParser) return row
    const checked = await resultParser['~standard'].validate(row)
    if (checked.issues) throw new SchemaValidationError(query, row, checked.issues)
    if (!isRow(checked.value)) throw new TypeError('a row schema must yield an object')
    return checked.value
  },
}

function isRow(value: unknown): value is QueryResultRow {
  return typeof value === 'object' && value !== null
}
