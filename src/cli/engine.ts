import type { Command } from 'commander'
import type { CliContext } from './context.ts'
import { type LogFormatFlag, logFormatOption } from './log-format.ts'

export function addEngine(program: Command, { environment }: CliContext): void {
  program
    .command('engine')
    .summary('run the reference game engine')
    .description('Runs the reference engine for one game. Settings: the environment variables GALAXY_*.')
    .addOption(logFormatOption())
    .action(async ({ logFormat }: LogFormatFlag) => {
      const [{ createLog }, { runUntilSignalled }, { readEngineSettings, startEngine }] = await Promise.all([
        import('../platform/log.ts'),
        import('../platform/lifecycle.ts'),
        import('../engine/index.ts'),
      ])
      const settings = readEngineSettings(environment)
      const log = createLog({ level: settings.logLevel, format: logFormat })
      await runUntilSignalled(async () => startEngine({ settings, log }))
    })
}
