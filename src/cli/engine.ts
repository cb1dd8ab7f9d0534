import type { Command } from 'commander'
import type { CliContext } from './context.ts'

export function addEngine(program: Command, { environment, exitWith }: CliContext): void {
  program
    .command('engine')
    .summary('run the reference game engine')
    .description('Runs the reference engine for one game. Settings: the environment variables GALAXY_* and LOG_LEVEL.')
    .action(async () => {
      const { runEngine } = await import('../engine/index.ts')
      exitWith(await runEngine(environment))
    })
}
