import { fileURLToPath } from 'node:url'
import { runner } from 'node-pg-migrate'
import type { Log } from './log.ts'

const folder = fileURLToPath(new URL('../../sql', import.meta.url))

/** Brings the database to the newest schema in `sql/`, under an advisory lock, so that replicas may start together. */
export async function migrate({ url, log }: { url: string; log: Log }): Promise<void> {
  const done = await runner({
    databaseUrl: url,
    dir: folder,
    direction: 'up',
    migrationsTable: 'schema_migrations',
    singleTransaction: false,
    advisoryLockMode: 'wait',
    log: () => undefined,
  })
  for (const { name } of done) log.info({ migration: name }, 'migrated')
}
