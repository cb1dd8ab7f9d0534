import type { GameInfo, GameSummary } from '../messages/index.ts'
import { table } from './table.ts'
import { count, oneLine } from './text.ts'

export function renderGames(games: readonly GameSummary[], nowMs: number, options: { width?: number } = {}): string {
  return table(
    'Your games',
    ['no.', 'name', 'title', 'you are', 'phase', 'turn', 'next turn'],
    games.map((game, index) => [
      index + 1,
      game.name,
      game.display_name,
      game.race_name,
      game.phase,
      game.turn,
      whenText(game.next_turn_at, nowMs),
    ]),
    options,
  )
}

export function renderInfo(game: GameInfo, nowMs: number): string {
  const lines = [
    `${oneLine(game.display_name)} (${oneLine(game.name)})`,
    `  phase: ${game.phase}${game.ready ? '' : ', the engine does not answer now'}`,
    `  turn: ${game.turn}${game.running_turn === null ? '' : `; turn ${game.running_turn} is being made`}`,
    `  next turn: ${whenText(game.next_turn_at, nowMs)}`,
    `  id: ${game.id}`,
    ...(game.result ? [`  result: ${JSON.stringify(game.result)}`] : []),
  ]
  return `${lines.join('\n')}\n`
}

/** `in 5 minutes`, or that nothing is planned. */
export function whenText(moment: string | null, nowMs: number): string {
  if (moment === null) return 'not planned'
  const seconds = Math.round((Date.parse(moment) - nowMs) / 1000)
  if (seconds <= 0) return 'now'
  if (seconds < 120) return `in ${count(seconds, 'second')}`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `in ${minutes} minutes`
  return minutes < 2880 ? `in ${Math.round(minutes / 60)} hours` : `in ${Math.round(minutes / 1440)} days`
}
