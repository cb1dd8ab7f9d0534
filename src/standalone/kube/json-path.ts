import { isObject, type JsonObject } from '../../platform/json.ts'

/** The value at a path of field names; undefined where there is none. */
export function valueAt(object: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), object)
}

export function textAt(object: unknown, path: readonly string[]): string {
  const value = valueAt(object, path)
  return typeof value === 'string' ? value : ''
}

export function objectAt(object: unknown, path: readonly string[]): JsonObject {
  const value = valueAt(object, path)
  return isObject(value) ? value : {}
}

export function listAt(object: unknown, path: readonly string[]): unknown[] {
  const value = valueAt(object, path)
  return Array.isArray(value) ? value : []
}

export function textsAt(object: unknown, path: readonly string[]): string[] {
  return listAt(object, path).filter((each) => typeof each === 'string')
}

/** A copy of the object with other metadata: an undefined value removes the field. */
export function withMetadata(object: JsonObject, changes: JsonObject): JsonObject {
  return { ...object, metadata: withFields(objectAt(object, ['metadata']), changes) }
}

/** A copy with these fields; an undefined value removes the field. */
export function withFields(object: JsonObject, changes: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries({ ...object, ...changes }).filter(([, value]) => value !== undefined))
}
