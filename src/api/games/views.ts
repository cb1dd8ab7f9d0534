import type { GameInfo, GamePlayer, GameSummary } from '../../messages/index.ts'
import { isHibernated } from '../../resources/index.ts'
import { engineOf } from './engine-calls.ts'
import type { Seat } from './seat.ts'
import type { Standings } from './standings.ts'

/** How a user is called, by user id; those who are not in it are unknown. */
export type UserNames = ReadonlyMap<string, { userName: string; displayName: string }>

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

/** A game as one of its players sees it: ids and addresses of the others stay with the platform. */
export function infoOf(seat: Seat, names: UserNames, standings: Standings): GameInfo {
  const { spec, status } = seat.game
  return {
    ...summaryOf(seat),
    // One that sleeps is woken by the call.
    ready: engineOf(seat.game) !== undefined || isHibernated(seat.game),
    last_turn_at: status.turn?.lastAt ?? null,
    running_turn: status.turn?.running ?? null,
    players: (spec.players ?? []).map(({ userId, raceName }) => ({
      race_name: raceName,
      you: raceName === seat.raceName,
      user_name: names.get(userId)?.userName ?? null,
      display_name: names.get(userId)?.displayName ?? null,
      ...standingOf(raceName, standings, raceName === seat.raceName),
    })),
    result: status.result ?? null,
  }
}

type PlayerStanding = Pick<GamePlayer, 'eliminated' | 'score' | 'ready' | 'stats'>

function standingOf(raceName: string, { races, publicStats }: Standings, isOwn: boolean): PlayerStanding {
  const race = races.get(raceName)
  if (!race) return { eliminated: null, score: null, ready: null, stats: null }
  const { eliminated, score = null, ready = null, stats } = race
  const shown = Object.entries(stats).filter(([name]) => isOwn || publicStats.has(name))
  return { eliminated, score, ready, stats: Object.fromEntries(shown) }
}
