import { textsAt } from '../json-path.ts'
import { isTerminating } from '../kinds/index.ts'
import type { Stored } from '../store/index.ts'
import { foregroundFinalizer, orphanFinalizer } from '../write/delete.ts'
import type { Propagation } from '../write/delete-options.ts'
import { type OwnerReference, ownersOf, uidOf } from './owners.ts'

/**
 * How an owner stands: `solid` keeps what depends on it; `waiting` is being deleted once its dependents are;
 * `orphaning` is being deleted and lets its dependents go on; `gone` is not there.
 */
export type Standing = 'solid' | 'waiting' | 'orphaning' | 'gone'

export type Surroundings = {
  standing: (owner: OwnerReference) => Standing
  /** Objects that name this one as an owner. */
  dependents: readonly Stored[]
}

/** What to do about one object. Safe to repeat: the next look finds what a crash left. */
export type Action =
  | { do: 'nothing' }
  | { do: 'delete'; propagation: Propagation }
  /** Removes these owners from the object. */
  | { do: 'disown'; uids: readonly string[] }
  | { do: 'release'; finalizer: string }

/** Pure: what the garbage collector does about one object, as on a cluster. */
export function plan(stored: Stored, { standing, dependents }: Surroundings): Action {
  if (isTerminating(stored.object)) return planDeleted(stored, dependents)
  const owners = ownersOf(stored)
  const uidsThat = (...standings: Standing[]) =>
    owners.filter((owner) => standings.includes(standing(owner))).map(({ uid }) => uid)
  const orphaning = uidsThat('orphaning')
  if (owners.length === 0) return { do: 'nothing' }
  if (orphaning.length > 0) return { do: 'disown', uids: orphaning }
  if (uidsThat('solid').length > 0) {
    const dangling = uidsThat('gone', 'waiting')
    return dangling.length > 0 ? { do: 'disown', uids: dangling } : { do: 'nothing' }
  }
  const isWaitedFor = uidsThat('waiting').length > 0
  return { do: 'delete', propagation: isWaitedFor && dependents.length > 0 ? 'Foreground' : 'Background' }
}

function planDeleted(owner: Stored, dependents: readonly Stored[]): Action {
  const finalizers = textsAt(owner.object, ['metadata', 'finalizers'])
  if (finalizers.includes(foregroundFinalizer) && !dependents.some((each) => blocks(each, uidOf(owner)))) {
    return { do: 'release', finalizer: foregroundFinalizer }
  }
  if (finalizers.includes(orphanFinalizer) && dependents.length === 0) {
    return { do: 'release', finalizer: orphanFinalizer }
  }
  return { do: 'nothing' }
}

function blocks(dependent: Stored, uid: string): boolean {
  return ownersOf(dependent).some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true)
}
