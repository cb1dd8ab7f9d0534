import { type Command, InvalidArgumentError, Option } from 'commander'
import { type CliContext, collect } from './context.ts'
import type { OptionalPart } from '../standalone/index.ts'
import { type LogFormatFlag, logFormatOption } from './log-format.ts'

type UpFlags = LogFormatFlag & {
  dataDir: string
  runtime: 'process' | 'docker'
  ports: 'default' | 'random'
  apply: readonly string[]
  without: readonly OptionalPart[]
}

export function addUp(program: Command, context: CliContext): void {
  program
    .command('up')
    .summary('run everything on this machine, with embedded defaults')
    .description(
      'Runs the whole platform: Postgres, a Kubernetes API for kubectl, the controllers and the game engines. ' +
        'Everything listens on loopback only, and everything that lasts is in the data directory. ' +
        'Ctrl-C stops it; started again, every game goes on where it was.',
    )
    .option('--data-dir <dir>', 'everything that lasts: database, engine states, keys, kubeconfig', '.galaxy')
    .addOption(new Option('--runtime <runtime>', 'how engines run').choices(['process', 'docker']).default('process'))
    .addOption(
      new Option('--ports <ports>', 'the usual ports, or free ones').choices(['default', 'random']).default('default'),
    )
    .addOption(
      new Option('--apply <file>', 'resources to apply once ready: a file or a folder (repeatable)')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--without <part>',
        'leave out a part that runs as a process of its own: api, controller, edge (repeatable)',
      )
        .argParser(collectPart)
        .default([], 'none'),
    )
    .addOption(logFormatOption())
    .action((flags: UpFlags) => up(flags, context))
}

const optionalParts: readonly string[] = ['api', 'controller', 'edge'] satisfies OptionalPart[]

function collectPart(value: string, before: readonly string[]): string[] {
  if (!optionalParts.includes(value)) throw new InvalidArgumentError(`Allowed choices are ${optionalParts.join(', ')}.`)
  return collect(value, before)
}

async function up({ logFormat, ...options }: UpFlags, { environment, print }: CliContext): Promise<void> {
  const [{ createLog }, { runUntilSignalled }, { readOwnSettings, startStandalone }] = await Promise.all([
    import('../platform/log.ts'),
    import('../platform/lifecycle.ts'),
    import('../standalone/index.ts'),
  ])
  const { logLevel } = readOwnSettings(environment)
  const log = createLog({ level: logLevel, format: logFormat })
  // Parts that have come up are stopped in order before the start ends.
  const startWithinMs = 120_000
  await runUntilSignalled((stop) => startStandalone({ ...options, environment, log, print, stop }), { startWithinMs })
  log.info('stopped')
}
