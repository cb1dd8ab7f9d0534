import { canonicalJson, isObject } from '../../../platform/json.ts'
import type { GameRef } from '../port.ts'
import type { Pod, Service } from './kinds.ts'
import { gameLabels } from './names.ts'
import { engineService } from './objects.ts'

/** What a game has in the cluster, as the caches know it. */
export type Held = { pod: Pod | undefined; service: Service | undefined }

export type Repair = 'pod' | 'service'

/** What somebody has edited or deleted behind our back, so that the running engine cannot be reached or found as it should. */
export function needsRepair(game: GameRef, { pod, service }: Held): Repair[] {
  return [
    ...(pod && !isOwn(pod, game) ? ['pod' as const] : []),
    ...(service && isOwn(service, game) && includes(service.spec, engineService(game).spec)
      ? []
      : ['service' as const]),
  ]
}

/** Without its owner it would outlive its Game. */
function isOwn({ metadata }: Pick<Pod, 'metadata'>, game: GameRef): boolean {
  const isOwned = metadata.ownerReferences.some(({ uid, controller }) => uid === game.uid && controller === true)
  return isOwned && includes(metadata.labels, gameLabels(game))
}

/** Everything that we say is there; what others or the API server's defaults add is theirs. Lists count as a whole. */
function includes(actual: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(actual) && actual.length === wanted.length && wanted.every((each, i) => includes(actual[i], each))
    )
  }
  if (!isObject(wanted)) return canonicalJson(actual) === canonicalJson(wanted)
  return isObject(actual) && Object.entries(wanted).every(([key, value]) => includes(actual[key], value))
}
