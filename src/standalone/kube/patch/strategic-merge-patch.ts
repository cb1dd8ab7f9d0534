import { isObject, type JsonObject } from '../../../platform/json.ts'
import { mergeKeyedList, mergePrimitiveList, setElementOrder } from './merge-lists.ts'
import { PatchError } from './patch-error.ts'

/** Lists that every kind merges: dotted path → merge key, '' for a set of primitives. */
const metadataListKeys = { 'metadata.ownerReferences': 'uid', 'metadata.finalizers': '' }

const orderPrefix = '$setElementOrder/'
const deletePrefix = '$deleteFromPrimitiveList/'

type Context = { path: string; listKeys: Readonly<Record<string, string>> }

/**
 * A strategic merge patch, as built-in kinds take it. `listKeys` says which lists merge: dotted path → merge key, ''
 * for a set of primitives; all others are replaced.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 * @throws PatchError for a directive that makes no sense
 */
export function applyStrategicMergePatch(
  document: JsonObject,
  patch: JsonObject,
  listKeys: Readonly<Record<string, string>>,
): JsonObject {
  return mergeObject(document, patch, { path: '', listKeys: { ...metadataListKeys, ...listKeys } })
}

function mergeObject(original: JsonObject, patch: JsonObject, context: Context): JsonObject {
  const { $patch: directive, $retainKeys: retained, ...changes } = patch
  if (directive === 'delete') return {}
  if (directive === 'replace') return changes
  if (directive !== undefined && directive !== 'merge') {
    throw new PatchError(`unknown patch type: ${JSON.stringify(directive)} in map`)
  }
  const result = new Map(Object.entries(retain(original, retained)))
  for (const [name, change] of Object.entries(changes)) {
    if (name.startsWith('$')) continue
    if (change === null) result.delete(name)
    else result.set(name, mergeValue(result.get(name), change, below(context, name)))
  }
  return withListDirectives(result, changes, context)
}

function mergeValue(original: unknown, change: unknown, context: Context): unknown {
  if (isObject(change)) return mergeObject(isObject(original) ? original : {}, change, context)
  if (!Array.isArray(change)) return change
  const key = context.listKeys[context.path]
  if (key === undefined) return change
  const list = Array.isArray(original) ? original : []
  if (key === '') return mergePrimitiveList(list, change)
  return mergeKeyedList(list, change, { key, merge: (old, wanted) => mergeObject(old, wanted, context) })
}

function withListDirectives(result: Map<string, unknown>, changes: JsonObject, context: Context): JsonObject {
  for (const [directive, values] of Object.entries(changes)) {
    if (!Array.isArray(values)) continue
    const isOrder = directive.startsWith(orderPrefix)
    if (!isOrder && !directive.startsWith(deletePrefix)) continue
    const name = directive.slice((isOrder ? orderPrefix : deletePrefix).length)
    const list = result.get(name)
    if (!Array.isArray(list)) continue
    const key = context.listKeys[below(context, name).path] ?? ''
    const gone = new Set<unknown>(values)
    result.set(name, isOrder ? setElementOrder(list, values, key) : list.filter((item) => !gone.has(item)))
  }
  return Object.fromEntries(result)
}

function retain(original: JsonObject, keys: unknown): JsonObject {
  if (!Array.isArray(keys)) return original
  const kept = new Set<unknown>(keys)
  return Object.fromEntries(Object.entries(original).filter(([name]) => kept.has(name)))
}

function below({ path, listKeys }: Context, name: string): Context {
  return { path: path === '' ? name : `${path}.${name}`, listKeys }
}
