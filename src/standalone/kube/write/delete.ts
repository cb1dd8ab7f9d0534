import type { JsonObject } from '../../../platform/json.ts'
import { conflict } from '../api-error.ts'
import { textAt, textsAt, valueAt, withMetadata } from '../json-path.ts'
import { isTerminating, type Kind, namespaceKind, servedForm } from '../kinds/index.ts'
import type { Decision, Stored } from '../store/index.ts'
import { isReleased } from './change.ts'
import type { DeleteOptions, Propagation } from './delete-options.ts'
import { existing, storeKeyOf, type Target, timestamp, type WriteDeps } from './target.ts'

export const foregroundFinalizer = 'foregroundDeletion'
export const orphanFinalizer = 'orphan'

/** The last state of a deleted object; `gone` is false while finalizers hold it. */
export type Deleted = { gone: boolean; stored: Stored }

/** Deletes an object: at once, or, while finalizers hold it, by marking it. */
export async function remove({ store, clock }: WriteDeps, target: Target, options: DeleteOptions): Promise<Deleted> {
  const now = clock.now()
  let gone = false
  const stored = await store.write(
    storeKeyOf(target),
    (found) => {
      const decision = decideRemoval(target, existing(target, found), { options, now })
      gone = decision.do === 'delete'
      return decision
    },
    options,
  )
  return { gone, stored }
}

/**
 * What a deletion makes of an object.
 * @throws ApiError 409 when a precondition fails, 403 when the object may not be deleted
 */
export function decideRemoval(
  { kind, name }: Target,
  current: Stored,
  { options, now }: { options: DeleteOptions; now: Date },
): Decision {
  const { object } = current
  checkPreconditions(kind, name, object, options)
  kind.guardDelete(servedForm(kind, object))
  const finalizers = finalizersFor(options.propagation, textsAt(object, ['metadata', 'finalizers']))
  const marked = marking(kind, object, finalizers, now)
  if (isReleased(kind, marked)) return { do: 'delete', object }
  const before = textsAt(object, ['metadata', 'finalizers'])
  if (isTerminating(object) && before.join() === finalizers.join()) return { do: 'keep' }
  return { do: 'put', object: marked }
}

function checkPreconditions(kind: Kind, name: string, object: JsonObject, { preconditions }: DeleteOptions): void {
  const [uid, version] = [textAt(object, ['metadata', 'uid']), textAt(object, ['metadata', 'resourceVersion'])]
  if (preconditions.uid && preconditions.uid !== uid) {
    const why = `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`
    throw conflict(kind, name, why)
  }
  if (preconditions.resourceVersion && preconditions.resourceVersion !== version) {
    const asked = preconditions.resourceVersion
    const why = `Precondition failed: ResourceVersion in precondition: ${asked}, ResourceVersion in object meta: ${version}`
    throw conflict(kind, name, why)
  }
}

/** The collector waits for dependents, or lets go of them, while one of these is set. */
function finalizersFor(propagation: Propagation, before: readonly string[]): string[] {
  const others = before.filter((each) => each !== foregroundFinalizer && each !== orphanFinalizer)
  if (propagation === 'Foreground') return [...others, foregroundFinalizer]
  if (propagation === 'Orphan') return [...others, orphanFinalizer]
  return others
}

function marking(kind: Kind, object: JsonObject, finalizers: readonly string[], now: Date): JsonObject {
  const already = isTerminating(object)
  const generation = valueAt(object, ['metadata', 'generation'])
  const marked = withMetadata(object, {
    deletionTimestamp: already ? textAt(object, ['metadata', 'deletionTimestamp']) : timestamp(now),
    deletionGracePeriodSeconds: kind === namespaceKind ? undefined : 0,
    generation: typeof generation === 'number' && !already ? generation + 1 : generation,
    finalizers: finalizers.length > 0 ? finalizers : undefined,
  })
  return kind === namespaceKind ? { ...marked, status: { phase: 'Terminating' } } : marked
}
