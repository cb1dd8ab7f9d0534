import { isObject, type JsonObject } from '../../../platform/json.ts'
import { PatchError } from './patch-error.ts'

/** The list with the values that it lacks. */
export function mergePrimitiveList(list: readonly unknown[], change: readonly unknown[]): unknown[] {
  return [...new Set([...list, ...change])]
}

type Merging = { key: string; merge: (old: JsonObject, wanted: JsonObject) => JsonObject }

/** Items with the same key are merged, new ones appended; `$patch` in an item deletes it, or replaces the whole list. */
export function mergeKeyedList(
  list: readonly unknown[],
  change: readonly unknown[],
  { key, merge }: Merging,
): unknown[] {
  const wanted = change.map((item) => readItem(item, key))
  const isReplaced = wanted.some(({ $patch }) => $patch === 'replace')
  return wanted.reduce<unknown[]>(
    (result, item) => {
      if (item['$patch'] === 'replace') return result
      const at = result.findIndex((old) => isObject(old) && old[key] === item[key])
      const old = result[at]
      if (item['$patch'] === 'delete') return result.filter((_, index) => index !== at)
      return isObject(old) ? result.with(at, merge(old, item)) : [...result, merge({}, item)]
    },
    isReplaced ? [] : [...list],
  )
}

function readItem(item: unknown, key: string): JsonObject {
  const isList = isObject(item) && item['$patch'] === 'replace'
  if (!isObject(item) || (item[key] === undefined && !isList)) {
    throw new PatchError(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`)
  }
  return item
}

/** Items that `order` names stand in its order; the others keep their place relative to the item before them. */
export function setElementOrder(list: readonly unknown[], order: readonly unknown[], key: string): unknown[] {
  const nameOf = (item: unknown) => (key !== '' && isObject(item) ? item[key] : item)
  const names = order.map(nameOf)
  const ordered = names.flatMap((name) => list.filter((item) => nameOf(item) === name))
  const others = list.filter((item) => !names.includes(nameOf(item)))
  return others.reduce<unknown[]>((result, item) => {
    const before = list[list.indexOf(item) - 1]
    const at = before === undefined ? 0 : result.indexOf(before) + 1
    return result.toSpliced(at, 0, item)
  }, ordered)
}
