import { writeFileAtomically } from '../../platform/files.ts'
import type { Part } from '../running-parts.ts'
import type { PartsOptions } from './options.ts'

/** Postgres with the newest schema: the migrations are done before anything listens. */
export function postgresPart({ layout, log, addresses }: PartsOptions): Part {
  return {
    name: 'Postgres',
    stopWithinMs: 20_000,
    start: async () => {
      const { startPostgres } = await import('../postgres/index.ts')
      const starting = startPostgres({ dir: layout.postgres, log: log.child({ part: 'postgres' }) })
      const [postgres, { migrate }] = await Promise.all([starting, import('../../platform/migrate.ts')])
      try {
        await migrate({ url: postgres.url, log })
      } catch (error) {
        await postgres[Symbol.asyncDispose]()
        throw error
      }
      addresses.database = postgres.url
      await writeFileAtomically(layout.databaseUrl, `${postgres.url}\n`, { mode: 0o600 })
      return postgres
    },
  }
}
