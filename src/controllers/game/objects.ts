import type { InitRequest } from '../../engine-contract/index.ts'
import type { Game } from '../../resources/index.ts'
import type { EngineInstance, EngineSpec, GameRef, Placement, PodTemplate, PullAccess } from '../hosts/index.ts'
import type { EngineTarget } from './action.ts'

export function gameRef({ metadata: { namespace, name, uid } }: Game): GameRef {
  return { namespace, name, uid }
}

/** The engine that the spec asks for. */
export function engineSpec(game: Game, image: string, epoch: number): EngineSpec {
  const { resources, env = [], podTemplate } = game.spec.engine
  const { size, storageClassName } = game.spec.storage ?? {}
  return {
    game: gameRef(game),
    image,
    epoch,
    env,
    resources: { requests: quantities(resources?.requests), limits: quantities(resources?.limits) },
    storage: { size: size === undefined ? undefined : String(size), storageClassName },
    podTemplate,
  }
}

/** What may open the registry of its image, and the machines that are to have it. */
export function pullAccess({ metadata, spec }: Game): PullAccess {
  const { imagePullSecrets = [], ...template } = spec.engine.podTemplate ?? {}
  return { namespace: metadata.namespace, secrets: imagePullSecrets, placement: placementOf(template) }
}

/** What stands beside it is not asked: the game's own engine may, and must not keep its next image away. */
function placementOf({ nodeSelector, tolerations, affinity }: PodTemplate): Placement | undefined {
  const nodeAffinity = affinity?.['nodeAffinity']
  const placement = {
    ...(nodeSelector && { nodeSelector }),
    ...(tolerations && { tolerations }),
    ...(nodeAffinity !== undefined && { affinity: { nodeAffinity } }),
  }
  return Object.keys(placement).length === 0 ? undefined : placement
}

export function engineTarget({ ref, endpoint, epoch, game }: EngineInstance): EngineTarget | undefined {
  return endpoint === undefined ? undefined : { ref, endpoint, epoch, gameId: game.uid }
}

/** The uid is the game's identity towards its engine: names may be used again, uids never are. */
export function initRequest({ metadata, spec }: Game): InitRequest {
  return { gameId: metadata.uid, players: spec.players ?? [], settings: spec.settings ?? {} }
}

function quantities(record: Record<string, string | number> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, quantity]) => [name, String(quantity)]))
}
