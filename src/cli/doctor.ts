import { type Command, Option } from 'commander'
import type { CliContext } from './context.ts'

type DoctorFlags = { dataDir: string; ports: 'default' | 'random'; runtime: 'process' | 'docker' }

export function addDoctor(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .summary('check this machine and the settings')
    .description('Checks everything that a process here would need, and says what to do. Exit code 1: something fails.')
    .option('--data-dir <dir>', 'the data directory to look at', '.galaxy')
    .addOption(new Option('--runtime <runtime>', 'as for up').choices(['process', 'docker']).default('process'))
    .addOption(new Option('--ports <ports>', 'as for up').choices(['default', 'random']).default('default'))
    .action(async (flags: DoctorFlags) => {
      const { examine } = await import('../standalone/doctor/index.ts')
      let failed = 0
      for await (const { state, what, said } of examine({ ...flags, environment: context.environment })) {
        if (state === 'fail') failed += 1
        context.print(`${state.padEnd(5)} ${what}: ${said}\n`)
      }
      if (failed > 0) context.complain(failed === 1 ? 'one check failed' : `${failed} checks failed`)
    })
}
