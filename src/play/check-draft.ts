import { CommandRefused, GatewayRefused, SignedOut } from '../client/index.ts'
import type { Seat } from './command.ts'
import { problemsOf, type Problems } from './list-orders.ts'
import type { OpenGame } from './open-game.ts'

/** Composing must not wait for long: submitting checks again. */
const patienceMs = 5000

/** What the rules say against the draft of the game; undefined when that cannot be known now. */
export async function checkDraft(game: OpenGame): Promise<Problems | undefined> {
  try {
    const checked = await game.check(patienceMs)
    return (
      checked && problemsOf(checked.flatMap(({ index, ok, problem = 'refused' }) => (ok ? [] : [{ index, problem }])))
    )
  } catch (error) {
    if (error instanceof SignedOut) throw error
    if (error instanceof CommandRefused) {
      if (error.code === 'validation_not_supported') game.checksNothing()
      return undefined
    }
    if (error instanceof GatewayRefused) return undefined
    throw error
  }
}

/** Says so when a draft cannot be kept for the next visit. */
export function warnIfNotKept(seat: Seat, game: OpenGame): void {
  if (seat.drafts && game.isChanged() && !game.isKept()) {
    seat.print('The draft cannot be kept on this device: it is lost when you leave.')
  }
}
