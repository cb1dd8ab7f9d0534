import { isObject, type JsonObject } from '../../../platform/json.ts'
import { compileRoot, fieldSchema, type Schema } from './compile.ts'

/** A copy with only the fields the schema knows, and the sorted paths of the others: `spec.players[0].bar`. */
export function pruneUnknown(schema: JsonObject, value: JsonObject): { value: JsonObject; unknown: string[] } {
  const unknown: string[] = []
  const pruned = pruneObject(compileRoot(schema), value, { path: '', unknown })
  return { value: pruned, unknown: unknown.sort() }
}

type Place = { path: string; unknown: string[] }

function pruneObject(schema: Schema, value: JsonObject, { path, unknown }: Place): JsonObject {
  const entries = Object.entries(value).flatMap(([name, member]) => {
    const known = fieldSchema(schema, name)
    const inner = path ? `${path}.${name}` : name
    if (known) return [[name, pruneValue(known, member, { path: inner, unknown })]]
    if (schema.preservesUnknown) return [[name, member]]
    unknown.push(inner)
    return []
  })
  return Object.fromEntries(entries)
}

function pruneValue(schema: Schema, value: unknown, place: Place): unknown {
  if (isObject(value)) return pruneObject(schema, value, place)
  const { items } = schema
  if (!Array.isArray(value) || !items) return value
  return value.map((item: unknown, index) => pruneValue(items, item, { ...place, path: `${place.path}[${index}]` }))
}
