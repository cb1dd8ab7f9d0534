import { canonicalJson, isObject } from '../../../platform/json.ts'
import { type Cause, duplicate, invalid } from './causes.ts'
import { fieldSchema, type Schema } from './compile.ts'

/** Items of lists of type `set` and `map` that are there twice. */
export function uniqueCauses(schema: Schema, value: unknown, path: string): Cause[] {
  if (isObject(value)) {
    return Object.entries(value).flatMap(([name, inner]) => {
      const field = fieldSchema(schema, name)
      const isKey = !schema.properties.has(name)
      return field
        ? uniqueCauses(field, inner, isKey ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`)
        : []
    })
  }
  if (!Array.isArray(value)) return []
  const { items } = schema
  const inner = items ? value.flatMap((item, index) => uniqueCauses(items, item, `${path}[${index}]`)) : []
  return [...listCauses(schema, value, path), ...inner]
}

function listCauses({ listType, listKeys }: Schema, list: readonly unknown[], path: string): Cause[] {
  if (listType === 'atomic') return []
  if (listType === 'set') return repeated(list, path)
  const strange = list.findIndex((item) => item !== null && !isObject(item))
  if (strange >= 0) {
    return [invalid(`${path}[${strange}]`, list[strange], 'must be an object for an array of list-type map')]
  }
  return repeated(
    list.map((item) => keyOf(item, listKeys)),
    path,
  )
}

function keyOf(item: unknown, keys: readonly string[]): unknown {
  if (!isObject(item)) return {}
  return Object.fromEntries(keys.filter((key) => Object.hasOwn(item, key)).map((key) => [key, item[key]]))
}

/** Names each value that is repeated once, where it is repeated first. */
function repeated(values: readonly unknown[], path: string): Cause[] {
  const times = new Map<string, number>()
  return values.flatMap((value, index) => {
    const text = canonicalJson(value)
    const seen = times.get(text) ?? 0
    times.set(text, seen + 1)
    return seen === 1 ? [duplicate(`${path}[${index}]`, value)] : []
  })
}
