import type { Command } from 'commander'
import type { CliContext } from './context.ts'
import { warnOfIgnoredVariables } from './ignored-variables.ts'
import { type LogFormatFlag, logFormatOption } from './log-format.ts'

export function addApi(program: Command, { environment }: CliContext): void {
  program
    .command('api')
    .summary('run the backend api as a process of its own')
    .description('Runs the backend: accounts, games, mail and push. Settings: the environment variables BACKEND_*.')
    .addOption(logFormatOption())
    .action(async ({ logFormat }: LogFormatFlag) => {
      const [{ createLog }, { runUntilSignalled }, { readApiSettings, startApi }] = await Promise.all([
        import('../platform/log.ts'),
        import('../platform/lifecycle.ts'),
        import('../api/index.ts'),
      ])
      const settings = readApiSettings(environment)
      const log = createLog({ level: settings.logLevel, format: logFormat })
      warnOfIgnoredVariables(environment, log)
      await runUntilSignalled(async () => startApi({ settings, log }))
    })
}
