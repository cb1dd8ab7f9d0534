import { sql } from 'slonik'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openTestDatabase } from '../../test/support/database.ts'
import { databaseErrorCode, databaseFailure } from './database-errors.ts'
import { openDatabase } from './database.ts'

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  )

describe('an error of the database', () => {
  it.each([
    { state: '22021', statement: sql.unsafe`SELECT ${'a\0b'}` },
    { state: '22P05', statement: sql.unsafe`SELECT ${String.raw`{"a":"\u0000"}`}::jsonb` },
    { state: '22003', statement: sql.unsafe`SELECT ${'99999999999'}::int` },
    { state: '42P01', statement: sql.unsafe`SELECT * FROM nowhere` },
    { state: '23514', statement: sql.unsafe`UPDATE backend.push_state SET one = false` },
    { state: 'text that is no number', statement: sql.unsafe`SELECT ${'x'}::int` },
    { state: 'a row of another shape', statement: sql.type(z.object({ n: z.string() }))`SELECT 1 AS n` },
  ])('$state is permanent', async ({ statement }) => {
    await using database = await openTestDatabase()
    expect(databaseFailure(await failure(database.db.any(statement)))).toBe('permanent')
  })

  it.each([
    { state: '40001', statement: sql.unsafe`DO $$ BEGIN RAISE SQLSTATE '40001'; END $$` },
    { state: '53100', statement: sql.unsafe`DO $$ BEGIN RAISE SQLSTATE '53100'; END $$` },
    { state: '57P01', statement: sql.unsafe`SELECT pg_terminate_backend(pg_backend_pid())` },
    { state: '57014', statement: sql.unsafe`SELECT set_config('statement_timeout', '10', true), pg_sleep(5)` },
  ])('$state passes', async ({ statement }) => {
    await using database = await openTestDatabase()
    const db = await openDatabase({ url: database.url, poolSize: 1, statementTimeoutMs: 100 })
    expect(databaseFailure(await failure(db.any(statement)))).toBe('transient')
    await db.end().catch(() => undefined)
  })

  it('passes when nobody listens', async () => {
    const opened = openDatabase({ url: 'postgres://127.0.0.1:1/x', poolSize: 1, statementTimeoutMs: 1000 })
    expect(databaseFailure(await failure(opened))).toBe('transient')
  })

  it('is neither when it is no error of the database', () => {
    expect(databaseFailure(new TypeError('a bug'))).toBeUndefined()
    expect(databaseFailure('text')).toBeUndefined()
  })

  it('is named by its SQLSTATE', async () => {
    await using database = await openTestDatabase()
    expect(databaseErrorCode(await failure(database.db.any(sql.unsafe`SELECT * FROM nowhere`)))).toBe('42P01')
  })
})
