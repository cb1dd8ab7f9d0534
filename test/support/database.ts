import { randomUUID } from 'node:crypto'
import type { DatabasePool } from 'slonik'
import { inject } from 'vitest'
import { openDatabase } from '../../src/platform/database.ts'
import { query } from './query.ts'

export type TestDatabase = AsyncDisposable & { url: string }

/** A fresh, migrated database of its own, dropped when disposed of. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('postgresUrl')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await query(server, `CREATE DATABASE ${name} TEMPLATE template_galaxy`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => query(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}

export type TestPool = TestDatabase & { db: DatabasePool }

/** A fresh database as `createTestDatabase` makes it, and a pool on it. */
export async function openTestDatabase(): Promise<TestPool> {
  const database = await createTestDatabase()
  const db = await openDatabase({ url: database.url, poolSize: 5, statementTimeoutMs: 10_000 })
  return {
    url: database.url,
    db,
    [Symbol.asyncDispose]: async () => {
      await db.end()
      await database[Symbol.asyncDispose]()
    },
  }
}
