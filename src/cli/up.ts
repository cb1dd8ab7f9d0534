import { type Command, Option } from 'commander'
import { StartupError } from '../platform/errors.ts'
import { type CliContext, collect } from './context.ts'
import { type LogFormatFlag, logFormatOption } from './log-format.ts'

type UpFlags = LogFormatFlag & {
  dataDir: string
  runtime: 'process' | 'docker'
  ports: 'default' | 'random'
  apply: readonly string[]
  without: readonly 'controller'[]
}

export function addUp(program: Command, context: CliContext): void {
  program
    .command('up')
    .summary('run everything on this machine, with embedded defaults')
    .description(
      'Runs the whole platform in one process: Postgres, a Kubernetes API for kubectl, the controllers, game engines.\n' +
        'Everything listens on loopback only and everything that lasts is in the data directory. Ctrl-C stops it;\n' +
        'started again, every game goes on where it was.',
    )
    .option('--data-dir <dir>', 'everything that lasts: database, engine states, keys, kubeconfig', '.galaxy')
    .addOption(new Option('--runtime <runtime>', 'how engines run').choices(['process', 'docker']).default('process'))
    .addOption(
      new Option('--ports <ports>', 'the usual ports, or free ones').choices(['default', 'random']).default('default'),
    )
    .option('--apply <file>', 'resources to apply once ready (a file or folder; repeatable)', collect, [])
    .addOption(
      new Option('--without <part>', 'leave out a part that you run as a process of its own (repeatable)')
        .choices(['controller'])
        .default([], 'none'),
    )
    .addOption(logFormatOption())
    .action((flags: UpFlags) => up(flags, context))
}

async function up({ runtime, logFormat, ...options }: UpFlags, { environment, print }: CliContext): Promise<void> {
  if (runtime === 'docker') throw new StartupError('--runtime docker is not there yet: use --runtime process')
  const [{ createLog }, { runUntilSignalled }, { startStandalone }] = await Promise.all([
    import('../platform/log.ts'),
    import('../platform/lifecycle.ts'),
    import('../standalone/index.ts'),
  ])
  const log = createLog({ level: environment.GALAXY_LOG_LEVEL || 'info', format: logFormat })
  await runUntilSignalled((stop) => startStandalone({ ...options, environment, log, print, stop }))
  log.info('stopped')
}
