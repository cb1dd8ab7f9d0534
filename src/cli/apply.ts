import type { Command } from 'commander'
import { addClusterOptions, type ClusterFlags } from './cluster-options.ts'
import { type CliContext, collect } from './context.ts'

type ApplyFlags = ClusterFlags & { filename: readonly string[]; forceConflicts?: boolean }

export function addApply(program: Command, context: CliContext): void {
  const command = program
    .command('apply')
    .summary('create or change resources (for machines without kubectl)')
    .description('Server-side apply of the resources in the files, as `kubectl apply --server-side` does it.')
    .requiredOption('-f, --filename <file>', 'a file, a folder, or - for standard input (repeatable)', collect, [])
    .option('--force-conflicts', 'take over fields that someone else manages')
  addClusterOptions(command).action(async (flags: ApplyFlags) => {
    if (flags.filename.length === 0) command.error("error: required option '-f, --filename <file>' not specified")
    const { apply } = await import('./apply-command.ts')
    await apply(flags, context)
  })
}
