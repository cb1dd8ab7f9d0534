import type { Seat } from './command.ts'
import type { OpenGame } from './open-game.ts'
import { count } from './text.ts'

/** Asks before leaving with orders that were not sent. @returns 'quit' unless the player stays */
export async function leave(seat: Seat): Promise<'quit' | void> {
  const unsent = unsentDrafts(seat)
  if (unsent.length === 0) return 'quit'
  tellUnsent(seat)
  const answer = await seat.ask('Leave all the same? (y/n)')
  if (answer === undefined || /^\s*y(es)?\s*$/i.test(answer)) return 'quit'
  seat.print("'submit' sends the draft of the open game.")
}

/** Says which drafts were not sent, and what becomes of them. */
export function tellUnsent(seat: Seat): void {
  for (const game of unsentDrafts(seat)) {
    const orders = count(game.draft().length, 'order')
    const fate = game.isKept() ? 'It is kept on this device for your next visit.' : 'It is lost when you leave.'
    seat.print(`${game.name}: your draft of ${orders} for turn ${game.nextTurn()} is not submitted. ${fate}`)
  }
}

function unsentDrafts({ opened }: Seat): OpenGame[] {
  return [...opened.values()].filter((game) => game.isChanged() && !game.finished())
}
