import { type Command, Option } from 'commander'
import { addClusterOptions, type ClusterFlags } from './cluster-options.ts'
import type { CliContext } from './context.ts'

export type GetFlags = ClusterFlags & {
  output: 'table' | 'wide' | 'yaml' | 'json'
  allNamespaces?: boolean
  selector?: string
}

export function addGet(program: Command, context: CliContext): void {
  const command = program
    .command('get')
    .summary('show resources (for machines without kubectl)')
    .argument('<kind>', 'as in games, game or gm')
    .argument('[name]', 'one of them; absent: all')
    .addOption(
      new Option('-o, --output <format>', 'how to print them')
        .choices(['table', 'wide', 'yaml', 'json'])
        .default('table'),
    )
    .option('-A, --all-namespaces', 'those of all namespaces')
    .option('-l, --selector <selector>', 'only those with these labels')
  addClusterOptions(command).action(async (kind: string, name: string | undefined, flags: GetFlags) => {
    if (name !== undefined && flags.allNamespaces)
      command.error('error: a name and --all-namespaces exclude one another')
    const { get } = await import('./get-command.ts')
    await get({ kind, name, ...flags }, context)
  })
}
