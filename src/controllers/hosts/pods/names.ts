import { createHash } from 'node:crypto'
import type { ObjectKey } from '../../../platform/kubernetes/objects.ts'
import { canonicalJson } from '../../../platform/json.ts'
import type { GameRef, PullAccess } from '../port.ts'

export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  component: 'app.kubernetes.io/component',
  /** The Game's name, for people; the uid is what counts. */
  game: 'galaxy.dev/game',
  gameUid: 'galaxy.dev/game-uid',
  /** `false` while a turn runs: the namespace's budget lets no such Pod be evicted. */
  safeToEvict: 'galaxy.dev/safe-to-evict',
} as const

export const annotations = {
  /** The Game's name where it is too long for a label. */
  game: 'galaxy.dev/game',
  epoch: 'galaxy.dev/epoch',
  specHash: 'galaxy.dev/spec-hash',
  /** On the Service: the engine that was ended on purpose, whose Pod is gone. */
  stopped: 'galaxy.dev/stopped-engine',
  /** On the namespace's budget: when it was last put up for a turn. */
  raisedAt: 'galaxy.dev/raised-at',
  safeToEvict: 'cluster-autoscaler.kubernetes.io/safe-to-evict',
} as const

export const managedBy = 'galaxy'
export const fieldManager = 'galaxy-controller'
/** What the informers follow. */
export const ours = `${labels.managedBy}=${managedBy}`

/** The NetworkPolicy of all engines of a namespace. */
export const wallName = 'galaxy-engines'

/** Longest name of a Service, and longest value of a label. */
const longest = 63

/**
 * The one name of a game's Pod, Service and claim. Names of Games may be longer than those of Services and may
 * have dots in them; what had to be changed gets a hash, so that no two Games ever share a name.
 */
export function objectName(gameName: string): string {
  const name = `galaxy-game-${gameName}`
  if (name.length <= longest && !name.includes('.')) return name
  return `${name.replaceAll('.', '-').slice(0, longest - 9)}-${shortHash(gameName)}`
}

export function objectKey({ namespace, name }: Pick<GameRef, 'namespace' | 'name'>): ObjectKey {
  return { namespace, name: objectName(name) }
}

export function gameLabels({ name, uid }: GameRef): Record<string, string> {
  return {
    [labels.managedBy]: managedBy,
    [labels.component]: 'engine',
    [labels.game]: name.length <= longest ? name : objectName(name),
    [labels.gameUid]: uid,
  }
}

export function gameAnnotations({ name }: GameRef): Record<string, string> {
  return name.length <= longest ? {} : { [annotations.game]: name }
}

export function pullName(image: string, { secrets, placement }: Pick<PullAccess, 'secrets' | 'placement'>): string {
  const placed = placement === undefined ? [] : [canonicalJson(placement)]
  return `galaxy-pull-${shortHash([image, ...secrets.map(({ name }) => name), ...placed].join(' '))}`
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
