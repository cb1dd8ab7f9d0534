import { Refusal } from '../../platform/errors.ts'
import type { ResourceClient } from '../../platform/kubernetes/client.ts'
import { isTrue } from '../../platform/kubernetes/conditions.ts'
import { keyText, type ObjectKey } from '../../platform/kubernetes/objects.ts'
import type { Game } from '../../resources/index.ts'

const fieldManager = 'galaxy-internal-api'

export type InternalApiPorts = {
  games: Pick<ResourceClient<Game>, 'get' | 'patch'>
  now: () => Date
  newId: () => string
}

export type InternalApiService = ReturnType<typeof createInternalApiService>

/** Any replica may answer: everything is read from and written to the Kubernetes API, and the leader acts on it. */
export function createInternalApiService({ games, now, newId }: InternalApiPorts) {
  return { registerRuntime, forceNextTurn, engine }

  /** Lets the turns of a lobby game begin. Again: the same answer. */
  async function registerRuntime(key: ObjectKey) {
    const game = await find(key)
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

  /** Asks for one turn now, through the spec like everybody else. The same idempotency key asks for the same turn. */
  async function forceNextTurn(key: ObjectKey, idempotencyKey: string | undefined) {
    const game = await find(key)
    if (!isTrue(game.status.conditions ?? [], 'TurnsActive')) {
      const phase = game.status.phase ?? 'Pending'
      throw new Refusal('conflict', 'turns_not_active', `Game ${keyText(key)} runs no turns now (${phase}).`)
    }
    const forceToken = idempotencyKey ?? newId()
    if (game.spec.turns?.forceToken !== forceToken) {
      await games.patch(
        key,
        { metadata: { uid: game.metadata.uid }, spec: { turns: { forceToken } } },
        { fieldManager },
      )
    }
    return { name: key.name, namespace: key.namespace, forceToken }
  }

  /** Where to send a player's call. */
  async function engine(key: ObjectKey) {
    const { status } = await find(key)
    const { endpoint, epoch = 0 } = status.engine ?? {}
    if (!isTrue(status.conditions ?? [], 'Ready') || endpoint === undefined) {
      throw new Refusal('unavailable', 'engine_not_ready', `The engine of game ${keyText(key)} is not ready.`)
    }
    return { endpoint, epoch, phase: status.phase, turn: status.turn?.number ?? 0 }
  }

  async function find(key: ObjectKey): Promise<Game> {
    const game = await games.get(key)
    if (!game) throw new Refusal('missing', 'game_not_found', `There is no Game ${keyText(key)}.`)
    return game
  }
}
