import { CommandRefused, GatewayRefused, GatewayUntrusted, SignedOut } from '../client/index.ts'
import { Mistake } from './mistake.ts'
import { clipped, longestMessage, oneLine } from './text.ts'

/** What a player is told of an error; undefined when it is a bug of ours. */
export function explainError(error: unknown): string | undefined {
  if (error instanceof Mistake) return error.message
  if (error instanceof SignedOut) return 'This device is signed out. Start again to sign in.'
  if (error instanceof GatewayUntrusted) return `What arrived cannot be trusted and was thrown away: ${error.message}`
  if (error instanceof CommandRefused || error instanceof GatewayRefused) {
    // The message may be an engine's: it must not look like lines of ours.
    return `${clipped(oneLine(error.message), longestMessage)} (${error.code})`
  }
  return undefined
}
