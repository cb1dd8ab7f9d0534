import type { Command } from 'commander'
import type { CliContext } from './context.ts'
import { type LogFormatFlag, logFormatOption } from './log-format.ts'

export function addController(program: Command, { environment }: CliContext): void {
  program
    .command('controller')
    .summary('run the controllers as a process of their own')
    .description('Runs the controllers against a Kubernetes API. Settings: the environment variables CONTROLLER_*.')
    .addOption(logFormatOption())
    .action(async ({ logFormat }: LogFormatFlag) => {
      const [{ createLog }, { runUntilSignalled }, { readControllerSettings, startController }] = await Promise.all([
        import('../platform/log.ts'),
        import('../platform/lifecycle.ts'),
        import('../controllers/index.ts'),
      ])
      const settings = readControllerSettings(environment)
      const log = createLog({ level: settings.logLevel, format: logFormat })
      await runUntilSignalled(async () => startController({ settings, log }))
    })
}
