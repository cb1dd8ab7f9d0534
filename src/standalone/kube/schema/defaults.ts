import { isObject, type JsonObject } from '../../../platform/json.ts'
import { compileRoot, fieldSchema, type Schema } from './compile.ts'

/**
 * The object with the schema's defaults, inside parents that are there. A null where null may not be counts as missing
 * when there is a default.
 */
export function applyDefaults(schema: JsonObject, value: JsonObject): JsonObject {
  return fillObject(compileRoot(schema), value)
}

function fillObject(schema: Schema, value: JsonObject): JsonObject {
  const missing = [...schema.properties].flatMap(([name, known]) =>
    isMissing(known, Object.hasOwn(value, name) ? value[name] : undefined) ? [[name, known.default]] : [],
  )
  const whole: JsonObject = { ...value, ...structuredClone(Object.fromEntries(missing)) }
  return Object.fromEntries(
    Object.entries(whole).map(([name, member]) => [name, fillMember(fieldSchema(schema, name), member)]),
  )
}

function isMissing(schema: Schema, value: unknown): boolean {
  return schema.default !== undefined && (value === undefined || (value === null && !schema.nullable))
}

function fillMember(schema: Schema | undefined, given: unknown): unknown {
  if (!schema) return given
  const value = given === null && isMissing(schema, given) ? structuredClone(schema.default) : given
  if (isObject(value)) return fillObject(schema, value)
  const { items } = schema
  return Array.isArray(value) && items ? value.map((item: unknown) => fillMember(items, item)) : value
}
