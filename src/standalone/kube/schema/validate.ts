import { isObject, isRawNumber, type JsonObject } from '../../../platform/json.ts'
import { type Cause, notSupported, required, typeInvalid } from './causes.ts'
import { compileRoot, fieldSchema, type Schema } from './compile.ts'
import { boundCauses, formatCauses } from './scalars.ts'
import { uniqueCauses } from './unique.ts'

/** Every field of an object that is not as its schema says, in the words of the Kubernetes API. */
export function validateStructure(schema: JsonObject, value: JsonObject): Cause[] {
  const root = compileRoot(schema)
  return [...valueCauses(root, value, ''), ...uniqueCauses(root, value, '')]
}

function valueCauses(schema: Schema, value: unknown, path: string): Cause[] {
  if (value === null && schema.nullable) return []
  const own = [...typeCauses(schema, value, path), ...enumCauses(schema, value, path)]
  if (isObject(value)) return [...own, ...boundCauses(schema, value, path), ...objectCauses(schema, value, path)]
  return [
    ...own,
    ...formatCauses(schema, value, path),
    ...boundCauses(schema, value, path),
    ...itemCauses(schema, value, path),
  ]
}

function typeCauses({ types }: Schema, value: unknown, path: string): Cause[] {
  const type = typeOf(value)
  if (types.length === 0 || types.includes(type) || (type === 'integer' && types.includes('number'))) return []
  return [typeInvalid(path, type, `${path} in body must be of type ${types.join(',')}: ${JSON.stringify(type)}`)]
}

function enumCauses(schema: Schema, value: unknown, path: string): Cause[] {
  if (!schema.enum || schema.enum.some((each) => each === value)) return []
  return [notSupported(path, value, schema.enum)]
}

function objectCauses(schema: Schema, object: JsonObject, path: string): Cause[] {
  const prefix = path === '' ? '' : `${path}.`
  const missing = schema.required.filter((name) => !Object.hasOwn(object, name))
  const causes = missing.map((name) => required(prefix + name))
  for (const [name, value] of Object.entries(object)) {
    const field = fieldSchema(schema, name)
    if (field) causes.push(...valueCauses(field, value, prefix + name))
  }
  return causes
}

function itemCauses({ items }: Schema, value: unknown, path: string): Cause[] {
  if (!Array.isArray(value) || !items) return []
  return value.flatMap((item, index) => valueCauses(items, item, `${path}[${index}]`))
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  if (isRawNumber(value)) return /^-?\d+$/.test(value.rawJSON) ? 'integer' : 'number'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}
