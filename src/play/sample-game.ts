import type { Account } from '../messages/index.ts'
import { oneLine } from './text.ts'

export function renderAccount({ id, user_name, display_name, email }: Account): string {
  return `You are ${oneLine(display_name)} (${oneLine(user_name)}), ${oneLine(email)}\nYour user id is ${id}\n`
}

/** What somebody without a game can do about it. */
export function renderNoGames(account: Account): string {
  return `You are in no game yet. Your user id is ${account.id}
Whoever runs the platform adds you to a game with it, for instance with kubectl apply -f and this file:

  apiVersion: galaxy.dev/v1
  kind: Game
  metadata: { name: first }
  spec:
    displayName: First game
    engine: { version: '~1.0' }
    players:
      - userId: ${account.id}
        raceName: Terrans
      - userId: the user id of somebody else
        raceName: Vegans
    turns: { schedule: '0 20 * * *' }

Then type: games
`
}
