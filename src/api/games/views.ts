import type { GameInfo, GameSummary } from '../../messages/index.ts'
import { isHibernated } from '../../resources/index.ts'
import { engineOf } from './engine-calls.ts'
import type { Seat } from './seat.ts'

/** A game in the list of its player's games. */
export function summaryOf({ game: { metadata, spec, status }, raceName }: Seat): GameSummary {
  return {
    id: metadata.uid,
    name: metadata.name,
    display_name: spec.displayName ?? metadata.name,
    phase: status.phase ?? 'Pending',
    turn: status.turn?.number ?? 0,
    next_turn_at: status.turn?.nextAt ?? null,
    race_name: raceName,
  }
}

/** A game as one of its players sees it; who the other players are stays with the platform. */
export function infoOf(seat: Seat): GameInfo {
  const { spec, status } = seat.game
  return {
    ...summaryOf(seat),
    // One that sleeps is woken by the call.
    ready: engineOf(seat.game) !== undefined || isHibernated(seat.game),
    last_turn_at: status.turn?.lastAt ?? null,
    running_turn: status.turn?.running ?? null,
    players: (spec.players ?? []).map(({ raceName }) => ({ race_name: raceName, you: raceName === seat.raceName })),
    result: status.result ?? null,
  }
}
