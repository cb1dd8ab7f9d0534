import { z } from 'zod'
import { ObjectMeta, type ResourceKind } from '../platform/kubernetes/objects.ts'
import { GameSpec } from './game-spec.ts'
import { GamePhase, GameStatus } from './game-status.ts'
import { apiVersion, group, version } from './group.ts'

/** What `kubectl apply` notes for itself: the whole manifest once more, in each of ten thousand Games. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** Left out where Games are read: nobody here needs it, and a status that is written without it takes it from nobody. */
const Metadata = ObjectMeta.extend({
  annotations: ObjectMeta.shape.annotations.transform((annotations) => {
    const { [lastApplied]: _, ...kept } = annotations
    return kept
  }),
})

/**
 * Read more leniently than it is written: a phase of a later version of the platform, which was rolled back, is found out
 * anew, like everything that a status only sums up.
 */
const Status = GameStatus.extend({ phase: GamePhase.optional().catch(undefined) })

export const Game = z.object({
  apiVersion: z.literal(apiVersion).default(apiVersion),
  kind: z.literal('Game').default('Game'),
  metadata: Metadata,
  spec: GameSpec,
  status: Status.default({}),
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
