import type { EngineExit } from '../hosts/index.ts'

const maxOutput = 500

/** How hosts tell, in the last line, that they ended an engine themselves for want of memory. */
const outOfMemory = /OOMKilled|more memory/

/** How an engine ended, for people: `with exit code 3: ` and the last lines it said. */
export function howItEnded(exit: EngineExit | undefined): string {
  const output = lastLines(exit?.output?.trim() ?? '', maxOutput)
  // Whoever is killed has no say in it: the last lines would only look like the reason.
  const told = wasKilled(exit) ? lastMatching(output, outOfMemory) : output
  return told ? `${manner(exit)}: ${told}` : manner(exit)
}

function manner(exit: EngineExit | undefined): string {
  if (exit?.signal) return `by ${exit.signal}`
  return exit?.code === undefined ? 'unexpectedly' : `with exit code ${exit.code}`
}

/** 137 is how a shell tells of SIGKILL. */
function wasKilled(exit: EngineExit | undefined): boolean {
  return exit?.signal === 'SIGKILL' || exit?.code === 137
}

function lastMatching(text: string, pattern: RegExp): string {
  const last = text.split('\n').at(-1) ?? ''
  return pattern.test(last) ? last : ''
}

/** The last whole lines of at most `maxLength` characters together; of a longer one its end: half a line of JSON says little. */
function lastLines(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  const end = text.slice(-maxLength - 1)
  const lineEnd = end.indexOf('\n')
  return lineEnd === -1 ? `…${text.slice(1 - maxLength)}` : end.slice(lineEnd + 1)
}
