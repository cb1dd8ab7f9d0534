import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Every check that a change must pass, cheapest first. `--no-tests` leaves out the tests. */
const checks: readonly { name: string; command: string; args: readonly string[] }[] = [
  { name: 'format', command: 'oxfmt', args: ['--check'] },
  { name: 'lint', command: 'oxlint', args: ['--type-aware', '--deny-warnings'] },
  { name: 'types', command: 'tsc', args: ['--noEmit'] },
  { name: 'dead code', command: 'knip', args: [] },
  { name: 'protobuf', command: 'buf', args: ['lint'] },
  { name: 'protobuf compatibility', command: process.execPath, args: ['scripts/check-wire.ts'] },
  { name: 'generated code', command: process.execPath, args: ['scripts/generate.ts', '--check'] },
  { name: 'tests', command: 'vitest', args: ['run', `--maxWorkers=${availableParallelism() + 1}`] },
]

const wanted = process.argv.includes('--no-tests') ? checks.filter(({ name }) => name !== 'tests') : checks

for (const { name, command, args } of wanted) {
  const startedAt = performance.now()
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  if (status !== 0) {
    console.error(`check: ${name} failed after ${seconds} s${error ? `: ${error.message}` : ''}`)
    process.exit(1)
  }
  console.error(`check: ${name} passed in ${seconds} s`)
}
