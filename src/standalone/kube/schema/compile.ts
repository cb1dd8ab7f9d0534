import { isObject, type JsonObject } from '../../../platform/json.ts'
import { objectMeta, typeMeta } from './object-meta.ts'

export type JsonType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'

/** A structural schema, read once so that each object is only walked. */
export type Schema = {
  /** Types a value may have; empty: any. */
  types: readonly string[]
  nullable: boolean
  properties: ReadonlyMap<string, Schema>
  required: readonly string[]
  additional: Schema | undefined
  items: Schema | undefined
  preservesUnknown: boolean
  isIntOrString: boolean
  default: unknown
  listType: 'atomic' | 'set' | 'map'
  listKeys: readonly string[]
  mapType: 'granular' | 'atomic'
  enum: readonly unknown[] | undefined
  pattern: { text: string; expression: RegExp } | undefined
  format: string
  bounds: Bounds
}

type Bound =
  | 'minimum'
  | 'maximum'
  | 'minLength'
  | 'maxLength'
  | 'minItems'
  | 'maxItems'
  | 'minProperties'
  | 'maxProperties'
  | 'multipleOf'

export type Bounds = Partial<Record<Bound, number>> & { isExclusiveMinimum: boolean; isExclusiveMaximum: boolean }

const boundNames: readonly Bound[] = [
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'multipleOf',
]

const compiled = new WeakMap<JsonObject, Schema>()

/** The schema of a whole object: `apiVersion`, `kind` and `metadata` are the same for every kind. */
export function compileRoot(schema: JsonObject): Schema {
  const known = compiled.get(schema)
  if (known) return known
  const root = compile(schema)
  const properties = new Map([...root.properties, ...compile({ properties: typeMeta }).properties])
  properties.set('metadata', compile(objectMeta))
  const result = { ...root, properties }
  compiled.set(schema, result)
  return result
}

function compile(node: JsonObject): Schema {
  const { properties, additionalProperties: additional, items } = node
  const preservesUnknown = node['x-kubernetes-preserve-unknown-fields'] === true || additional === true
  return {
    ...shapeOf(node),
    nullable: node['nullable'] === true,
    properties: new Map(objectsIn(properties).map(([name, value]) => [name, compile(value)])),
    required: textsIn(node['required']),
    additional: isObject(additional) ? compile(additional) : undefined,
    items: isObject(items) ? compile(items) : undefined,
    preservesUnknown,
    default: node['default'],
    enum: Array.isArray(node['enum']) ? node['enum'] : undefined,
    pattern: patternOf(node['pattern']),
    format: textIn(node['format']),
    bounds: boundsOf(node),
  }
}

function shapeOf(node: JsonObject): Pick<Schema, 'types' | 'isIntOrString' | 'listType' | 'listKeys' | 'mapType'> {
  const isIntOrString = node['x-kubernetes-int-or-string'] === true
  const listType = node['x-kubernetes-list-type']
  const type = textIn(node['type'])
  return {
    isIntOrString,
    types: isIntOrString ? ['integer', 'string'] : type === '' ? [] : [type],
    listType: listType === 'set' || listType === 'map' ? listType : 'atomic',
    listKeys: textsIn(node['x-kubernetes-list-map-keys']),
    mapType: node['x-kubernetes-map-type'] === 'atomic' ? 'atomic' : 'granular',
  }
}

function boundsOf(node: JsonObject): Bounds {
  const bounds: Bounds = {
    isExclusiveMinimum: node['exclusiveMinimum'] === true,
    isExclusiveMaximum: node['exclusiveMaximum'] === true,
  }
  for (const name of boundNames) {
    const value = node[name]
    if (typeof value === 'number') bounds[name] = value
  }
  return bounds
}

function patternOf(text: unknown): Schema['pattern'] {
  return typeof text === 'string' ? { text, expression: new RegExp(text, 'u') } : undefined
}

function objectsIn(value: unknown): [string, JsonObject][] {
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, inner]) => (isObject(inner) ? [[name, inner]] : []))
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The schema a field of an object has; undefined for a field that the schema does not say anything about. */
export function fieldSchema(schema: Schema, name: string): Schema | undefined {
  return schema.properties.get(name) ?? schema.additional
}
