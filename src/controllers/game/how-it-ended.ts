import type { EngineExit } from '../hosts/index.ts'

const maxOutput = 500

/**
 * How an engine ended, for people: `with exit code 3: ` and the last lines it said; or that it wanted memory, of which its
 * game's spec limits it to `memoryLimit`.
 */
export function howItEnded(exit: EngineExit | undefined, memoryLimit?: string): string {
  // Whoever is killed has no say in it: the last lines would only look like the reason.
  const isMute = wasKilled(exit) || exit?.turnedAway !== undefined
  const output = isMute ? '' : lastLines(exit?.output?.trim() ?? '', maxOutput)
  const how = exit?.outOfMemory ? forWantOfMemory(memoryLimit) : manner(exit)
  return output ? `${how}: ${output}` : how
}

/** With the name of the field that somebody may have to change. */
function forWantOfMemory(limit: string | undefined): string {
  const field = 'spec.engine.resources.limits.memory'
  return limit === undefined
    ? `for want of memory: its machine had no more (${field} is not set)`
    : `for want of memory: it may have ${limit} (${field})`
}

function manner(exit: EngineExit | undefined): string {
  if (exit?.turnedAway !== undefined) return `because its machine would not have it any longer: ${exit.turnedAway}`
  if (exit?.signal) return `by ${exit.signal}`
  return exit?.code === undefined ? 'unexpectedly' : `with exit code ${exit.code}`
}

/** 137 is how a shell tells of SIGKILL. */
function wasKilled(exit: EngineExit | undefined): boolean {
  return exit?.signal === 'SIGKILL' || exit?.code === 137
}

/** The last whole lines of at most `maxLength` characters together; of a longer one its end: half a line of JSON says little. */
function lastLines(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  const end = text.slice(-maxLength - 1)
  const lineEnd = end.indexOf('\n')
  return lineEnd === -1 ? `…${text.slice(1 - maxLength)}` : end.slice(lineEnd + 1)
}
