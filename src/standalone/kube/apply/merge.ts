import { isObject, type JsonObject } from '../../../platform/json.ts'
import type { Schema } from '../schema/compile.ts'
import { emptySet, type FieldSet, isEmpty } from './field-set.ts'
import { fieldName, type PathElement } from './path-element.ts'
import { type Part, shapeOf } from './shape.ts'

/** The live object with what is applied laid over it. */
export function mergeObjects(schema: Schema, live: JsonObject, applied: JsonObject): JsonObject {
  return asObject(merge(schema, live, applied))
}

function merge(schema: Schema | undefined, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live
  if (live === undefined) return applied
  const [old, wanted] = [shapeOf(schema, live), shapeOf(schema, applied)]
  if (old.is === 'map' && wanted.is === 'map') return mergeMaps(old.parts, wanted.parts)
  if (old.is === 'list' && wanted.is === 'list') return mergeLists(old.parts, wanted.parts)
  return applied
}

function mergeMaps(live: readonly Part[], applied: readonly Part[]): JsonObject {
  const result = new Map(live.map(({ element, value }) => [element, value]))
  for (const { element, schema, value } of applied) result.set(element, merge(schema, result.get(element), value))
  return Object.fromEntries([...result].map(([element, value]) => [fieldName(element) ?? element, value]))
}

/**
 * Items in the order that was applied; live items that are not applied stay before the applied item they stood before:
 * https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/typed/merge.go
 */
function mergeLists(live: readonly Part[], applied: readonly Part[]): unknown[] {
  const old = new Map(live.map(({ element, value }) => [element, value]))
  const wanted = new Set(applied.map(({ element }) => element))
  const shared = applied.map(({ element }) => element).filter((element) => old.has(element))
  const waiting = [...live]
  const result: unknown[] = []
  for (const { element, schema, value } of applied) {
    takeUpTo(waiting, shared[0], { wanted, result })
    result.push(merge(schema, old.get(element), value))
    if (shared[0] !== element) continue
    shared.shift()
    if (waiting[0]?.element === element) waiting.shift()
  }
  takeUpTo(waiting, undefined, { wanted, result })
  return result
}

/** Takes the live items before the element, but for those that stand elsewhere in what is applied. */
function takeUpTo(
  waiting: Part[],
  element: PathElement | undefined,
  { wanted, result }: { wanted: ReadonlySet<PathElement>; result: unknown[] },
): void {
  while (waiting[0] && waiting[0].element !== element) {
    const part = waiting.shift()
    if (part && !wanted.has(part.element)) result.push(part.value)
  }
}

/** The object without the paths of the set. */
export function removeFields(schema: Schema, object: JsonObject, gone: FieldSet): JsonObject {
  return asObject(removeFrom(schema, object, gone))
}

function removeFrom(schema: Schema | undefined, value: unknown, gone: FieldSet): unknown {
  if (isEmpty(gone)) return value
  const shape = shapeOf(schema, value)
  if (shape.is === 'leaf') return value
  const kept = shape.parts
    .filter(({ element }) => !gone.members.has(element))
    .map((part) => ({
      element: part.element,
      value: removeFrom(part.schema, part.value, gone.children.get(part.element) ?? emptySet),
    }))
  if (shape.is === 'list') return kept.map((part) => part.value)
  return Object.fromEntries(kept.map((part) => [fieldName(part.element) ?? part.element, part.value]))
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}
