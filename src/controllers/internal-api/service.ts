import { Refusal } from '../../platform/errors.ts'
import type { ResourceClient } from '../../platform/kubernetes/client.ts'
import { isTrue } from '../../platform/kubernetes/conditions.ts'
import { keyText, type ObjectKey } from '../../platform/kubernetes/objects.ts'
import { forceTurnAnnotation, type Game, idleAfterMs, lastActivityAnnotation } from '../../resources/index.ts'
import { fieldManager, findGame } from './games.ts'

export type InternalApiPorts = {
  games: Pick<ResourceClient<Game>, 'get' | 'patch'>
  now: () => Date
  newId: () => string
}

export type InternalApiService = ReturnType<typeof createInternalApiService>

/** Any replica may answer: everything is read from and written to the Kubernetes API, and the leader acts on it. */
export function createInternalApiService({ games, now, newId }: InternalApiPorts) {
  return { registerRuntime, forceNextTurn, engine, activity }

  /** Lets the turns of a lobby game begin. Again: the same answer. */
  async function registerRuntime(key: ObjectKey) {
    const game = await findGame(games, key)
    if (!game.spec.enrollment)
      throw new Refusal('conflict', 'not_a_lobby_game', `Game ${keyText(key)} has no enrollment.`)
    const registeredAt = game.status.registeredAt ?? now().toISOString()
    if (game.status.registeredAt === undefined) {
      const { uid, resourceVersion } = game.metadata
      const change = { metadata: { uid, resourceVersion }, status: { registeredAt } }
      await games.patch(key, change, { fieldManager, subresource: 'status' })
    }
    return { name: key.name, namespace: key.namespace, registeredAt }
  }

  /** Asks for one turn now. The spec is left to whoever declares it. The same idempotency key asks for the same turn. */
  async function forceNextTurn(key: ObjectKey, idempotencyKey: string | undefined) {
    const game = await findGame(games, key)
    if (!isTrue(game.status.conditions ?? [], 'TurnsActive')) {
      const phase = game.status.phase ?? 'Pending'
      throw new Refusal('conflict', 'turns_not_active', `Game ${keyText(key)} runs no turns now (${phase}).`)
    }
    const forceToken = idempotencyKey ?? newId()
    const { uid, annotations } = game.metadata
    if (annotations[forceTurnAnnotation] !== forceToken) {
      const change = { metadata: { uid, annotations: { [forceTurnAnnotation]: forceToken } } }
      await games.patch(key, change, { fieldManager })
    }
    return { name: key.name, namespace: key.namespace, forceToken }
  }

  /** Where to send a player's call. */
  async function engine(key: ObjectKey) {
    const { status } = await findGame(games, key)
    const { endpoint, epoch = 0 } = status.engine ?? {}
    if (!isTrue(status.conditions ?? [], 'Ready') || endpoint === undefined) {
      throw new Refusal('unavailable', 'engine_not_ready', `The engine of game ${keyText(key)} is not ready.`)
    }
    return { endpoint, epoch, phase: status.phase, turn: status.turn?.number ?? 0 }
  }

  /**
   * Notes that a player calls the game now. It stands here and not with the api, so that the api needs no right to write
   * Games and that one clock tells when an engine is idle. Several replicas tell of the same calls: what has been noted a
   * moment ago is not written again.
   */
  async function activity(key: ObjectKey) {
    const game = await findGame(games, key)
    const { uid, annotations } = game.metadata
    const at = now()
    const notedMs = Date.parse(annotations[lastActivityAnnotation] ?? '')
    const idleMs = idleAfterMs(game)
    if (idleMs !== undefined && !(Math.abs(at.getTime() - notedMs) < Math.min(30_000, idleMs / 6))) {
      const change = { metadata: { uid, annotations: { [lastActivityAnnotation]: at.toISOString() } } }
      await games.patch(key, change, { fieldManager })
    }
    return { name: key.name, namespace: key.namespace }
  }
}
