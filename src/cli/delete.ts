import type { Command } from 'commander'
import { addClusterOptions, type ClusterFlags } from './cluster-options.ts'
import { type CliContext, collect } from './context.ts'

export type DeleteFlags = ClusterFlags & { filename: readonly string[]; wait: boolean }

export function addDelete(program: Command, context: CliContext): void {
  const command = program
    .command('delete')
    .summary('delete resources (for machines without kubectl)')
    .argument('[kind]', 'as in games, game or gm')
    .argument('[names...]', 'which of them')
    .option('-f, --filename <file>', 'those in a file, a folder, or - for standard input (repeatable)', collect, [])
    .option('--no-wait', 'do not wait until they are gone')
  addClusterOptions(command).action(async (kind: string | undefined, names: string[], flags: DeleteFlags) => {
    const byName = kind !== undefined && names.length > 0
    if (byName === flags.filename.length > 0 || (kind !== undefined && !byName))
      command.error('error: give either a kind and names, or -f')
    const { remove } = await import('./delete-command.ts')
    await remove({ kind: kind ?? '', names, ...flags }, context)
  })
}
