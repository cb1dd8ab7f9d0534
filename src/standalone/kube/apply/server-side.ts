import { isDeepStrictEqual } from 'node:util'
import { isObject, type JsonObject } from '../../../platform/json.ts'
import { compileRoot, type Schema } from '../schema/compile.ts'
import { withoutForbiddenNulls } from '../schema/defaults.ts'
import { conflictsOf, type FieldConflict, type Taken, takenBeyond, takenFromOthers } from './conflicts.ts'
import { difference, emptySet, type FieldSet, intersection, isEmpty, union } from './field-set.ts'
import { kubectl, lastAppliedSet, withLastApplied } from './last-applied.ts'
import {
  idOf,
  manageable,
  type Manager,
  type Managers,
  managersOf,
  timestamp,
  withManagers,
  withoutManagers,
} from './managers.ts'
import { mergeObjects, removeFields } from './merge.ts'
import { compareObjects, type Difference, fieldSetOf, withNamedFields } from './sets-of-values.ts'
import { afterUpdate, versionOf, withoutUndefined } from './track-update.ts'
import { checkTyped } from './typed.ts'

export type ApplyInput = {
  schema: JsonObject
  live: JsonObject | undefined
  applied: JsonObject
  manager: string
  /** Takes fields from other managers instead of reporting conflicts. */
  force: boolean
  now: Date
  subresource?: string
}

const beforeFirstApply = 'before-first-apply'

/**
 * Server-side apply: the live object with what is applied, and without what the manager applied before and nobody
 * else has; or the fields that others have. Applying the same twice changes nothing at all.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/
 * @throws TypedError when what is applied does not have the types of the schema
 */
export function applyServerSide(input: ApplyInput): { object: JsonObject } | { conflicts: FieldConflict[] } {
  const schema = compileRoot(input.schema)
  const config = readConfig(schema, input)
  checkTyped(schema, config)
  const live = withoutManagers(input.live ?? {})
  const owners = ownersOf(schema, input, config)
  const merged = mergeObjects(schema, live, config)
  const object = prune(schema, merged, owners)
  const changes = compareObjects(schema, live, object)
  const taken = takenFromOthers(owners.managers, owners.id, changes)
  const refused = input.force ? new Map() : takenBeyond(taken, allowedFor(schema, input))
  if (refused.size > 0) return { conflicts: conflictsOf(owners.managers, refused) }
  const managers = afterApply(owners, { taken, changes, isChanged: !isDeepStrictEqual(live, object), now: input.now })
  const noted = input.manager === kubectl ? withLastApplied(object, config) : object
  return { object: withManagers(noted, managers) }
}

/** What is applied, without what cannot be. */
function readConfig(schema: Schema, { applied, subresource }: ApplyInput): JsonObject {
  const bare = withoutForbiddenNulls(schema, withoutManagers(applied))
  if (!isObject(bare)) return {}
  const { spec, status, ...rest } = bare
  if (subresource === 'status') {
    const { name, namespace, uid, resourceVersion } = isObject(rest['metadata']) ? rest['metadata'] : {}
    const identity = Object.entries({ name, namespace, uid, resourceVersion }).filter(
      ([, value]) => value !== undefined,
    )
    return { ...rest, metadata: Object.fromEntries(identity), ...(status === undefined ? {} : { status }) }
  }
  return spec === undefined ? rest : { ...rest, spec }
}

/** Who manages what while an apply is worked out: the applier already has what it applies. */
type Owners = { id: string; managers: Managers; lastSet: FieldSet }

function ownersOf(schema: Schema, input: ApplyInput, config: JsonObject): Owners {
  const { manager, subresource, now } = input
  const known = managersBefore(schema, input, versionOf(config))
  const by = withoutUndefined({ manager, operation: 'Apply', apiVersion: versionOf(config), subresource })
  const id = idOf(by)
  const before = known.get(id)
  // Names and the like are in it until the end, so that metadata is not taken for abandoned.
  const set = fieldSetOf(schema, config)
  const applier: Manager = { ...by, time: before?.time || timestamp(now), set }
  return { id, lastSet: before?.set ?? emptySet, managers: new Map([...known, [id, applier]]) }
}

/** All that was there before anybody applied belongs to a manager of its own. */
function managersBefore(schema: Schema, { live, now, subresource }: ApplyInput, apiVersion: string): Managers {
  const managers = managersOf(live)
  if (!live || managers.size > 0) return managers
  const { added, modified, removed } = compareObjects(schema, {}, withoutManagers(live))
  const changes = { added: manageable(added, subresource), modified, removed }
  const by = { manager: beforeFirstApply, operation: 'Update', apiVersion, subresource } as const
  return afterUpdate(managers, { by, changes, time: timestamp(now) })
}

/**
 * Removes what the manager applied before, applies no more, and nobody else has:
 * https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/merge/update.go
 */
function prune(schema: Schema, merged: JsonObject, { managers, lastSet }: Owners): JsonObject {
  if (isEmpty(lastSet)) return merged
  const named = (set: FieldSet) => withNamedFields(schema, set)
  const last = named(lastSet)
  const all = named(fieldSetOf(schema, merged))
  const pruned = named(fieldSetOf(schema, removeFields(schema, merged, last)))
  const owned = named([...managers.values()].reduce((sum, { set }) => union(sum, set), emptySet))
  const withOwned = removeFields(schema, merged, difference(all, union(pruned, owned)))
  // What went with its parent, but was not the manager's, stays.
  const left = named(fieldSetOf(schema, withOwned))
  return removeFields(schema, merged, intersection(difference(all, left), last))
}

/** kubectl may take over what its client-side apply has noted. */
function allowedFor(schema: Schema, { manager, live }: ApplyInput): FieldSet {
  return manager === kubectl && live ? lastAppliedSet(schema, live) : emptySet
}

type Outcome = { taken: Taken; changes: Difference; isChanged: boolean; now: Date }

function afterApply({ id, managers }: Owners, { taken, changes, isChanged, now }: Outcome): Managers {
  const entries = [...managers].map(([each, manager]): [string, Manager] => {
    if (each === id) {
      const set = manageable(manager.set, manager.subresource)
      return [each, { ...manager, set, time: isChanged ? timestamp(now) : manager.time }]
    }
    const lost = union(taken.get(each) ?? emptySet, changes.removed)
    return [each, { ...manager, set: difference(manager.set, lost) }]
  })
  return new Map(entries)
}
