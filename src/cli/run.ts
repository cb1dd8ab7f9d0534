import { CommanderError } from 'commander'
import { standardError } from '../platform/output/index.ts'
import type { Environment } from '../platform/settings.ts'
import { createProgram } from './program.ts'

/** Errors whose message says everything a person needs: no stack is printed for them. */
const plain = new Set(['StartupError', 'ShutdownError', 'Refusal', 'KubernetesError'])

/** Runs the command line; returns the exit code: 0, 1 for a failure, 2 for wrong usage. */
export async function run(args: readonly string[], environment: Environment): Promise<number> {
  let exitCode = 0
  const complain = (error: unknown) => {
    standardError().write(`${describe(error)}\n`)
    exitCode = 1
  }
  const exitWith = (code: number) => {
    exitCode = code
  }
  let failed = false
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // `galaxy get … | head` closes our output early: that is no failure. Later writes fail because the first has.
    if (error.code !== 'EPIPE' && !failed) complain(`standard output cannot be written: ${error.message}`)
    failed = true
  })
  const print = (text: string) => void process.stdout.write(text)
  try {
    await createProgram({ environment, print, complain, exitWith }).parseAsync(args, { from: 'user' })
  } catch (error) {
    // Commander has printed it already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    complain(error)
  }
  return exitCode
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return `galaxy: ${String(error)}`
  if (!plain.has(error.name)) return `galaxy: ${error.stack ?? error.message}`
  const lines = error.message.split('\n').map((line) => `galaxy: ${line}`)
  const unreachable = 'reason' in error && error.reason === 'Unreachable'
  return [...lines, ...(unreachable ? ["galaxy: is the API server running? 'galaxy up' starts one"] : [])].join('\n')
}
