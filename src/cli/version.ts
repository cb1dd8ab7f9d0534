import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { CliContext } from './context.ts'

export function addVersion(program: Command, { print }: CliContext): void {
  program
    .command('version')
    .summary('print which version this is')
    .action(async () => {
      const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
      print(`galaxy ${String(version)} (Node.js ${process.version}, ${process.platform} ${process.arch})\n`)
    })
}
