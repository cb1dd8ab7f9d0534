import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { GameRef } from '../port.ts'

/** By these a container is known as an engine, whoever made it. */
export const labels = {
  backend: 'galaxy.backend',
  gameUid: 'galaxy.game-uid',
  managedBy: 'app.kubernetes.io/managed-by',
  game: 'galaxy.dev/game',
  namespace: 'galaxy.dev/namespace',
  epoch: 'galaxy.dev/epoch',
  specHash: 'galaxy.dev/spec-hash',
  /** Which platform made it: several may use one daemon. */
  instance: 'galaxy.dev/instance',
} as const

/** Filter for all engines, or for those of one game. */
export function labelFilter(game?: GameRef): { label: string[] } {
  const all = [`${labels.backend}=1`]
  return { label: game ? [...all, `${labels.gameUid}=${game.uid}`] : all }
}

/** Labels of everything that the platform makes for the game. */
export function gameLabels({ uid, name, namespace }: GameRef, instance: string): Record<string, string> {
  return {
    [labels.backend]: '1',
    [labels.gameUid]: uid,
    [labels.managedBy]: 'galaxy',
    [labels.game]: name,
    [labels.namespace]: namespace,
    [labels.instance]: instance,
  }
}

const GameLabels = z.object({
  [labels.gameUid]: z.string().min(1),
  [labels.game]: z.string().min(1).optional(),
  [labels.namespace]: z.string().min(1).optional(),
})

/**
 * The game that the labels name; undefined when they name none. Whoever makes an engine's container by hand may leave it
 * to the container's name to tell the game's.
 */
export function gameOf(given: unknown, container = ''): GameRef | undefined {
  const { data } = GameLabels.safeParse(given)
  if (!data) return undefined
  const [, name, namespace] = /^galaxy-game-([^_]+)(?:_(.+))?$/.exec(container) ?? []
  const named = data[labels.game] ?? name
  if (named === undefined) return undefined
  return { uid: data[labels.gameUid], name: named, namespace: data[labels.namespace] ?? namespace ?? 'default' }
}

/**
 * One per game, and Docker gives a name only once: that is what keeps two platforms from starting two engines. The
 * underscore is in no game's name, so that no two games share a container's.
 */
export function containerName({ name, namespace }: GameRef): string {
  const whole = namespace === 'default' ? `galaxy-game-${name}` : `galaxy-game-${name}_${namespace}`
  // On a network of Docker's it is also the engine's host name, no part of which may be longer.
  if (whole.split('.').every((part) => part.length <= longestLabel)) return whole
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 8)
  return `${whole.replaceAll('.', '-').slice(0, longestLabel - 9)}-${hash}`
}

/** https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4 */
const longestLabel = 63

/** By uid, because a game that is made again under its name must not find the state of the one before. */
export function volumeName({ uid }: GameRef): string {
  return `galaxy-game-${uid}`
}
