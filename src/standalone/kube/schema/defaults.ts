import { isObject, type JsonObject } from '../../../platform/json.ts'
import { compileRoot, fieldSchema, type Schema } from './compile.ts'

/**
 * The object with the schema's defaults, inside parents that are there. A field that is null where null may not be
 * counts as missing.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting-and-nullable
 */
export function applyDefaults(schema: JsonObject, value: JsonObject): JsonObject {
  const root = compileRoot(schema)
  return fillObject(root, objectWithoutNulls(root, value))
}

/** A copy without the fields that are null where null may not be. */
export function withoutForbiddenNulls(schema: Schema | undefined, value: unknown): unknown {
  if (!schema) return value
  if (isObject(value)) return objectWithoutNulls(schema, value)
  const { items } = schema
  return Array.isArray(value) && items ? value.map((item: unknown) => withoutForbiddenNulls(items, item)) : value
}

function objectWithoutNulls(schema: Schema, value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const field = fieldSchema(schema, name)
      const isForbidden = member === null && field?.nullable === false
      return isForbidden ? [] : [[name, withoutForbiddenNulls(field, member)]]
    }),
  )
}

function fillObject(schema: Schema, value: JsonObject): JsonObject {
  const missing = [...schema.properties].filter(
    ([name, field]) => field.default !== undefined && (!Object.hasOwn(value, name) || value[name] === undefined),
  )
  const whole: JsonObject = {
    ...value,
    ...structuredClone(Object.fromEntries(missing.map(([name, field]) => [name, field.default]))),
  }
  return Object.fromEntries(
    Object.entries(whole).map(([name, member]) => [name, fillValue(fieldSchema(schema, name), member)]),
  )
}

function fillValue(schema: Schema | undefined, given: unknown): unknown {
  if (!schema) return given
  const isMissing = given === null && !schema.nullable && schema.default !== undefined
  const value: unknown = isMissing ? structuredClone(schema.default) : given
  if (isObject(value)) return fillObject(schema, value)
  const { items } = schema
  return Array.isArray(value) && items ? value.map((item: unknown) => fillValue(items, item)) : value
}
