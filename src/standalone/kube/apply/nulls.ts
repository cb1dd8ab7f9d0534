import { isObject } from '../../../platform/json.ts'
import { fieldSchema, type Schema } from '../schema/compile.ts'

/** The value without the nulls that its schema does not allow: they are no fields, so nobody can own them. */
export function withoutForbiddenNulls(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema
    return items ? value.map((item: unknown) => withoutForbiddenNulls(items, item)) : value
  }
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
      const field = fieldSchema(schema, name)
      if (!field) return [[name, inner]]
      return inner === null && !field.nullable ? [] : [[name, withoutForbiddenNulls(field, inner)]]
    }),
  )
}
