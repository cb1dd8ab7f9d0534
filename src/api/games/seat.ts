import { Refusal } from '../../platform/errors.ts'
import type { Game } from '../../resources/index.ts'

/** Where a user sits: the game, and the race that its roster gives them. */
export type Seat = { game: Game; raceName: string }

/** The user's seat, if the game is there to be played and has one for them. */
export function seatIn(game: Game | undefined, userId: string): Seat | undefined {
  if (!game || game.metadata.deletionTimestamp !== undefined) return undefined
  const player = game.spec.players?.find((each) => each.userId === userId)
  return player && { game, raceName: player.raceName }
}

/** One answer whether the game is unknown, is being deleted, or is played by others only: nobody can probe for games. */
export function gameNotFound(): Refusal {
  return new Refusal('missing', 'game_not_found', 'There is no such game of yours.')
}
