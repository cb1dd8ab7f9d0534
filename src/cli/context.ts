import type { Environment } from '../platform/settings.ts'

/** What every subcommand is given. */
export type CliContext = {
  environment: Environment
  /** Prints what the command was asked for. */
  print: (text: string) => void
  /** Tells of a problem and goes on; the command then ends with exit code 1. */
  complain: (error: unknown) => void
  /** For a command that has said everything itself. */
  exitWith: (code: number) => void
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
