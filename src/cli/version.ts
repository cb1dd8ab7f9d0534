import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { CliContext } from './context.ts'

export function addVersion(program: Command, { print }: CliContext): void {
  program
    .command('version')
    .summary('print which version this is')
    .action(() => print(`${versionText()}\n`))
  program.version(versionText(), '-V, --version', 'print which version this is')
}

function versionText(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return `galaxy ${String(version)} (Node.js ${process.version}, ${process.platform} ${process.arch})`
}
