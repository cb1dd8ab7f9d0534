import type { GameDescription, GamePlayer } from '../messages/index.ts'
import { table } from './table.ts'
import { oneLine } from './text.ts'

export type StatTitles = GameDescription['stats']

/** Every seat of the game: who plays it, how it stands, and whether its orders are in. */
export function renderPlayers(
  players: readonly GamePlayer[],
  titles: StatTitles,
  options: { width?: number } = {},
): string {
  const names = [...new Set(players.flatMap(({ stats }) => Object.keys(stats ?? {})))]
  const titleOf = (name: string) => titles.find((stat) => stat.name === name)?.title ?? name
  return table(
    'Players',
    ['race', 'played by', 'score', 'orders', ...names.map((name) => oneLine(titleOf(name))), ''],
    players.map((player) => [
      `${player.race_name}${player.you ? ' (you)' : ''}`,
      personOf(player),
      player.score ?? undefined,
      submission(player),
      ...names.map((name) => player.stats?.[name]),
      player.eliminated ? 'eliminated' : '',
    ]),
    options,
  )
}

/** `Ada`, or `Ada (Player-1234)` where the name is not the account's own. */
export function personOf({ user_name, display_name }: GamePlayer): string {
  if (user_name === null) return ''
  return display_name === null || display_name === user_name ? user_name : `${display_name} (${user_name})`
}

export function submission({ ready, eliminated }: GamePlayer): string {
  if (ready === null || eliminated) return ''
  return ready ? 'submitted' : 'not yet'
}
