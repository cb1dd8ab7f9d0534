import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'
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
