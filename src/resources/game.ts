import { z } from 'zod'
import { ObjectMeta, type ResourceKind } from '../platform/kubernetes/objects.ts'
import { GameSpec } from './game-spec.ts'
import { GameStatus } from './game-status.ts'
import { apiVersion, group, version } from './group.ts'

export const Game = z.object({
  apiVersion: z.literal(apiVersion).default(apiVersion),
  kind: z.literal('Game').default('Game'),
  metadata: ObjectMeta,
  spec: GameSpec,
  status: GameStatus.default({}),
})
export type Game = z.infer<typeof Game>

export const gameKind: ResourceKind<Game> = {
  group,
  version,
  plural: 'games',
  kind: 'Game',
  namespaced: true,
  schema: Game,
}
