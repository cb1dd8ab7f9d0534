import type { Command } from 'commander'
import type { CliContext } from './context.ts'
import { type LogFormatFlag, logFormatOption } from './log-format.ts'

export function addEdge(program: Command, { environment }: CliContext): void {
  program
    .command('edge')
    .summary('run the edge gateway as a process of its own')
    .description('Runs the gateway that players talk to. Settings: the environment variables GATEWAY_*.')
    .addOption(logFormatOption())
    .action(async ({ logFormat }: LogFormatFlag) => {
      const [{ createLog }, { runUntilSignalled }, { readEdgeSettings, startEdge }] = await Promise.all([
        import('../platform/log.ts'),
        import('../platform/lifecycle.ts'),
        import('../edge/index.ts'),
      ])
      const settings = readEdgeSettings(environment)
      const log = createLog({ level: settings.logLevel, format: logFormat })
      await runUntilSignalled(async () => startEdge({ settings, log }))
    })
}
