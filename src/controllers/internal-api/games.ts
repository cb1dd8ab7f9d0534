import { Refusal } from '../../platform/errors.ts'
import type { ResourceClient } from '../../platform/kubernetes/client.ts'
import { keyText, type ObjectKey } from '../../platform/kubernetes/objects.ts'
import type { Game } from '../../resources/index.ts'

export const fieldManager = 'galaxy-internal-api'

/** @throws Refusal `game_not_found` */
export async function findGame(games: Pick<ResourceClient<Game>, 'get'>, key: ObjectKey): Promise<Game> {
  const game = await games.get(key)
  if (!game) throw new Refusal('missing', 'game_not_found', `There is no Game ${keyText(key)}.`)
  return game
}
