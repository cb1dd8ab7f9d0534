import { type Command, InvalidArgumentError } from 'commander'
import type { CliContext } from './context.ts'

type PlayFlags = {
  dataDir: string
  gateway?: string
  public?: string
  email?: string
  profile?: string
  game?: string
}

export function addPlay(program: Command, { environment, exitWith }: CliContext): void {
  const command = program
    .command('play')
    .summary('play in the terminal')
    .description(
      'Signs in by a code sent by e-mail, and plays: reports, orders, and news as they happen. ' +
        'In a pipe it reads the same commands line by line, and ends with exit code 1 when one of them failed.',
    )
    .option('--data-dir <dir>', "play on the platform that 'galaxy up' runs from this directory", '.galaxy')
    .option('--gateway <url>', "a gateway's address for signed commands (with --public, instead of --data-dir)", url)
    .option('--public <url>', "that gateway's public address", url)
    .option('--email <address>', 'who signs in (otherwise it asks)')
    .option('--profile <dir>', 'where the key and the session are kept (default: below ~/.config/galaxy)')
    .option('--game <name>', 'the game to open')
  command.action(async ({ dataDir, gateway, public: publicUrl, ...options }: PlayFlags) => {
    if ((gateway === undefined) !== (publicUrl === undefined)) {
      command.error('error: --gateway and --public are needed together')
    }
    const where = gateway && publicUrl ? { gateway, public: publicUrl } : { dataDir }
    const { play } = await import('../play/index.ts')
    const { stdin: input, stdout: output } = process
    exitWith(
      await play({ where, ...options }, environment, { input, output, interactive: input.isTTY && output.isTTY }),
    )
  })
}

function url(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text
  throw new InvalidArgumentError('It must be an address such as https://play.example.org.')
}
