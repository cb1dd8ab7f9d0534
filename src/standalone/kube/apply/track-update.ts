import type { JsonObject } from '../../../platform/json.ts'
import { compileRoot, type Schema } from '../schema/compile.ts'
import { difference, emptySet, type FieldSet, isEmpty, union } from './field-set.ts'
import {
  idOf,
  type Identity,
  isReset,
  manageable,
  type Manager,
  type Managers,
  managersOf,
  timestamp,
  withManagers,
  withoutManagers,
} from './managers.ts'
import { compareObjects, type Difference } from './sets-of-values.ts'

/** An object has at most so many updaters; the oldest ones then become one. */
const maxUpdaters = 10
const mergedUpdater = 'ancient-changes'

/**
 * Notes in `metadata.managedFields` what a writer that does not apply has changed: it takes the fields it changed
 * from all others, and removed ones are nobody's. Sending `managedFields: [{}]` or `[]` empties the list.
 */
export function trackUpdate(input: {
  schema: JsonObject
  live: JsonObject | undefined
  updated: JsonObject
  manager: string
  operation: 'Update'
  now: Date
  subresource?: string
}): JsonObject {
  const { live, updated, operation, now, subresource } = input
  const before = managersBefore(input)
  // An object whose list was emptied stays without until somebody applies.
  if (live && before.size === 0) return withoutManagers(updated)
  const by = { manager: input.manager || 'unknown', operation, apiVersion: versionOf(updated), subresource }
  const changes = changesBetween(compileRoot(input.schema), live, updated, subresource)
  const after = afterUpdate(before, { by, changes, time: timestamp(now) })
  return withManagers(updated, capUpdaters(after))
}

function managersBefore({ live, updated, subresource }: Parameters<typeof trackUpdate>[0]): Managers {
  const current = managersOf(live)
  // A subresource does not write metadata.
  if (subresource) return current
  if (isReset(updated)) return new Map()
  const given = managersOf(updated)
  return given.size === 0 ? current : given
}

function changesBetween(schema: Schema, live: JsonObject = {}, updated: JsonObject, subresource?: string): Difference {
  const { added, modified, removed } = compareObjects(schema, withoutManagers(live), withoutManagers(updated))
  return {
    added: manageable(added, subresource),
    modified: manageable(modified, subresource),
    removed: manageable(removed, subresource),
  }
}

type Update = { by: Identity; changes: Difference; time: string }

/** Who manages what after an update. */
export function afterUpdate(before: Managers, { by, changes, time }: Update): Managers {
  const taken = union(changes.added, changes.modified)
  const lost = union(taken, changes.removed)
  const after = new Map([...before].map(([id, each]) => [id, losing(each, lost, by.apiVersion)]))
  if (isEmpty(taken)) return after
  const id = idOf(by)
  const set = union(after.get(id)?.set ?? emptySet, taken)
  return after.set(id, { ...withoutUndefined(by), time, set })
}

/** Paths of another API version may be called otherwise there. */
function losing(manager: Manager, lost: FieldSet, apiVersion: string): Manager {
  if (manager.apiVersion !== apiVersion) return manager
  return { ...manager, set: difference(manager.set, lost) }
}

export function withoutUndefined({ subresource, ...by }: Identity): Omit<Manager, 'time' | 'set'> {
  return subresource ? { ...by, subresource } : by
}

function capUpdaters(managers: Managers): Managers {
  const updaters = [...managers.values()].filter(({ operation }) => operation === 'Update')
  const excess = updaters.length - maxUpdaters
  const [newest] = updaters.slice(-1)
  if (excess <= 0 || !newest) return managers
  const oldest = updaters.sort((a, b) => (a.time < b.time ? -1 : 1)).slice(0, excess + 1)
  const { apiVersion } = newest
  const set = oldest.reduce((all, each) => union(all, each.set), emptySet)
  const merged: Manager = {
    manager: mergedUpdater,
    operation: 'Update',
    apiVersion,
    time: oldest.at(-1)?.time ?? '',
    set,
  }
  const ids = new Set(oldest.map(idOf))
  return new Map([...[...managers].filter(([id]) => !ids.has(id)), [idOf(merged), merged]])
}

export function versionOf({ apiVersion }: JsonObject): string {
  return typeof apiVersion === 'string' ? apiVersion : ''
}
