import type { Command } from 'commander'
import { StartupError } from '../platform/errors.ts'
import type { CliContext } from './context.ts'
import { warnOfIgnoredVariables } from './ignored-variables.ts'
import { type LogFormatFlag, logFormatOption } from './log-format.ts'

type MigrateFlags = LogFormatFlag & { databaseUrl?: string | undefined }

export function addMigrate(program: Command, { environment }: CliContext): void {
  program
    .command('migrate')
    .summary('bring a database to the newest schema')
    .description('Brings a Postgres database to the newest schema. Safe to run again, and by several at once.')
    .option('--database-url <url>', 'which database (default: the setting BACKEND_DATABASE_URL)')
    .addOption(logFormatOption())
    .action(async ({ databaseUrl, logFormat }: MigrateFlags) => {
      const url = databaseUrl ?? environment.BACKEND_DATABASE_URL
      if (!url) throw new StartupError('setting BACKEND_DATABASE_URL: is needed, or the flag --database-url')
      if (!/^postgres(ql)?:$/.test(URL.parse(url)?.protocol ?? ''))
        throw new StartupError(
          'setting BACKEND_DATABASE_URL: must be an address such as postgres://user:password@host/name',
        )
      const [{ createLog }, { migrate }] = await Promise.all([
        import('../platform/log.ts'),
        import('../platform/migrate.ts'),
      ])
      const log = createLog({ level: 'info', format: logFormat })
      warnOfIgnoredVariables(environment, log)
      await migrate({ url, log }).catch((cause: unknown) => {
        throw new StartupError(`the database could not be migrated: ${describe(cause)}`, { cause })
      })
    })
}

/** A refused connection to several addresses has no message of its own. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(String).join('; ')
  return error instanceof Error ? error.message : String(error)
}
