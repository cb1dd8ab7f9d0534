import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../../platform/clock.ts'
import { listAt, objectAt, textsAt, withFields, withMetadata } from '../json-path.ts'
import { isTerminating, type Kind, namespaceFinalizer, namespaceKind, type Registry } from '../kinds/index.ts'
import type { Decision, Store, Stored, StoreKey } from '../store/index.ts'
import { isReleased } from '../write/change.ts'
import { decideRemoval, foregroundFinalizer, orphanFinalizer } from '../write/delete.ts'
import type { Propagation } from '../write/delete-options.ts'
import { timestamp } from '../write/target.ts'
import { namespaceConditions } from './namespace-conditions.ts'
import { type OwnerReference, type Owners, uidOf } from './owners.ts'
import { type Action, plan, type Standing } from './plan.ts'

export type LookDeps = { store: Store; registry: Registry; owners: Owners; clock: Clock }

/** Looks at one object and does what the plan says. */
export async function lookAt(deps: LookDeps, key: StoreKey): Promise<void> {
  const { store, registry, owners } = deps
  const stored = store.get(key)
  const kind = registry.storedAs(key.kind)
  if (!stored || !kind) return
  const dependents = owners.dependentsOf(uidOf(stored)).flatMap((each) => store.get(each) ?? [])
  const action = plan(stored, { standing: (owner) => standingOf(deps, owner, stored), dependents })
  await act(deps, { kind, stored }, action)
  if (kind === namespaceKind && isTerminating(stored.object)) await emptyNamespace(deps, stored)
}

function standingOf({ store, registry, owners }: LookDeps, owner: OwnerReference, dependent: Stored): Standing {
  const kind = registry.findByObject(owner)
  // Nobody here knows whether an owner of a kind that is not served is there.
  if (!kind) return 'solid'
  const key = owners.alive(owner.uid)
  const found = key && store.get(key)
  const isElsewhere = found && found.namespace !== '' && found.namespace !== dependent.namespace
  if (!found || found.kind !== kind.storedAs || found.name !== owner.name || isElsewhere) return 'gone'
  const finalizers = isTerminating(found.object) ? textsAt(found.object, ['metadata', 'finalizers']) : []
  if (finalizers.includes(foregroundFinalizer)) return 'waiting'
  return finalizers.includes(orphanFinalizer) ? 'orphaning' : 'solid'
}

type Subject = { kind: Kind; stored: Stored }

async function act(deps: LookDeps, subject: Subject, action: Action): Promise<void> {
  switch (action.do) {
    case 'nothing':
      return
    case 'delete':
      return removeObject(deps, subject, action.propagation)
    case 'disown':
      return change(deps, subject, (object) => {
        const kept = listAt(object, ['metadata', 'ownerReferences']).filter((owner) => !names(owner, action.uids))
        return withMetadata(object, { ownerReferences: kept.length > 0 ? kept : undefined })
      })
    case 'release':
      return change(deps, subject, (object) => {
        const kept = textsAt(object, ['metadata', 'finalizers']).filter((each) => each !== action.finalizer)
        return withMetadata(object, { finalizers: kept.length > 0 ? kept : undefined })
      })
  }
}

function names(owner: unknown, uids: readonly string[]): boolean {
  return typeof owner === 'object' && owner !== null && 'uid' in owner && uids.includes(String(owner.uid))
}

/** Deletes what is in a namespace, and then the namespace. Finalizers of the objects are honoured. */
async function emptyNamespace(deps: LookDeps, namespace: Stored): Promise<void> {
  const { store, registry } = deps
  const inside = [...store.all()].filter((stored) => stored.namespace === namespace.name)
  const removals = inside.map(async (stored) => {
    const kind = registry.storedAs(stored.kind)
    if (kind && !isTerminating(stored.object)) await removeObject(deps, { kind, stored }, 'Background')
  })
  await Promise.all(removals)
  const remaining = [...store.all()].filter((stored) => stored.namespace === namespace.name)
  await change(deps, { kind: namespaceKind, stored: namespace }, (object) => {
    const described = withConditions(deps, object, remaining)
    return remaining.length > 0 ? described : withoutServerFinalizer(described)
  })
}

function withoutServerFinalizer(namespace: Stored['object']): Stored['object'] {
  const kept = textsAt(namespace, ['spec', 'finalizers']).filter((each) => each !== namespaceFinalizer)
  return withFields(namespace, { spec: kept.length > 0 ? { finalizers: kept } : {} })
}

/** The namespace with conditions that say what it waits for. */
function withConditions({ registry, clock }: LookDeps, namespace: Stored['object'], inside: readonly Stored[]) {
  const remaining = inside.flatMap((stored) => {
    const kind = registry.storedAs(stored.kind)
    return kind ? [{ kind, stored }] : []
  })
  const status = objectAt(namespace, ['status'])
  const before = listAt(status, ['conditions'])
  const conditions = namespaceConditions(remaining, { before, at: timestamp(clock.now()) })
  return { ...namespace, status: { ...status, conditions } }
}

/** Deletes this very object: not another that has its name by now. */
export async function removeObject(
  { store, clock }: Pick<LookDeps, 'store' | 'clock'>,
  { kind, stored }: Subject,
  propagation: Propagation,
): Promise<void> {
  const { namespace, name } = stored
  const options = { dryRun: false, propagation, preconditions: {} }
  await store.write(stored, (found): Decision => {
    if (!found || uidOf(found) !== uidOf(stored)) return { do: 'keep' }
    return decideRemoval({ kind, namespace, name, subresource: '' }, found, { options, now: clock.now() })
  })
}

async function change(
  { store }: LookDeps,
  { kind, stored }: Subject,
  edit: (object: Stored['object']) => Stored['object'],
): Promise<void> {
  await store.write(stored, (found): Decision => {
    if (!found || uidOf(found) !== uidOf(stored)) return { do: 'keep' }
    const object = edit(found.object)
    // Each write is looked at again: one that changes nothing would never end.
    if (isDeepStrictEqual(object, found.object)) return { do: 'keep' }
    return isReleased(kind, object) ? { do: 'delete', object } : { do: 'put', object }
  })
}
