import { isObject } from '../../../platform/json.ts'

/** RFC 7386: null removes, objects merge, everything else replaces. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const result = new Map(Object.entries(isObject(document) ? document : {}))
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) result.delete(name)
    else result.set(name, applyMergePatch(result.get(name), change))
  }
  return Object.fromEntries(result)
}
