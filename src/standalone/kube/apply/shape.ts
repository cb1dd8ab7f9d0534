import { isObject, type JsonObject } from '../../../platform/json.ts'
import { fieldSchema, type Schema } from '../schema/compile.ts'
import { fieldElement, fieldName, keyElement, type PathElement, valueElement } from './path-element.ts'

/** One part of a value that is owned on its own. */
export type Part = { element: PathElement; value: unknown; schema: Schema | undefined }

/**
 * How a value takes part in merging. Leaves are owned as a whole: scalars, atomic lists, atomic maps. Where the schema
 * says nothing, types are deduced: maps are granular, lists atomic.
 */
export type Shape = { is: 'leaf' } | { is: 'map'; parts: readonly Part[] } | { is: 'list'; parts: readonly Part[] }

const leaf: Shape = { is: 'leaf' }

export function shapeOf(schema: Schema | undefined, value: unknown): Shape {
  if (isObject(value)) return schema?.mapType === 'atomic' ? leaf : { is: 'map', parts: fieldsOf(schema, value) }
  if (!Array.isArray(value) || !schema) return leaf
  const parts = itemsOf(schema, value)
  return parts ? { is: 'list', parts } : leaf
}

function fieldsOf(schema: Schema | undefined, object: JsonObject): Part[] {
  return Object.entries(object).map(([name, value]) => ({
    element: fieldElement(name),
    value,
    schema: schema && fieldSchema(schema, name),
  }))
}

/** Items by their keys; undefined where they have none, so that the list can only be taken as a whole. */
function itemsOf(schema: Schema, list: readonly unknown[]): Part[] | undefined {
  if (schema.listType === 'atomic') return undefined
  const parts: Part[] = []
  const seen = new Set<PathElement>()
  for (const value of list) {
    const element = elementOf(schema, value)
    if (element === undefined) return undefined
    if (seen.has(element)) continue
    seen.add(element)
    parts.push({ element, value, schema: schema.items })
  }
  return parts
}

/** What an item of a set or of a map list is known by. */
export function elementOf(schema: Schema, item: unknown): PathElement | undefined {
  if (schema.listType === 'set') return typeof item === 'object' ? undefined : valueElement(item)
  if (!isObject(item)) return undefined
  const keys = schema.listKeys.map((key) => [key, item[key] ?? schema.items?.properties.get(key)?.default] as const)
  return keys.some(([, value]) => value === undefined) ? undefined : keyElement(Object.fromEntries(keys))
}

/** The schema of what an element leads to. */
export function schemaBelow(schema: Schema | undefined, element: PathElement): Schema | undefined {
  const name = fieldName(element)
  return name === undefined ? schema?.items : schema && fieldSchema(schema, name)
}

/** A field that the schema names, as opposed to a key of a map. */
export function isNamed(schema: Schema | undefined, element: PathElement): boolean {
  const name = fieldName(element)
  return name !== undefined && schema !== undefined && schema.properties.has(name)
}
