import { isObject } from '../../../platform/json.ts'
import { PatchError } from './patch-error.ts'

/**
 * The steps of an RFC 6901 pointer.
 * @throws PatchError when it does not begin with a slash
 */
export function parsePointer(text: string): string[] {
  if (text === '') return []
  if (!text.startsWith('/')) throw new PatchError(`invalid JSON pointer: ${JSON.stringify(text)}`)
  return text
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The value one step down; undefined where there is none. */
export function step(container: unknown, name: string): unknown {
  if (Array.isArray(container)) {
    const index = arrayIndex(name)
    return index === undefined ? undefined : container[index < 0 ? container.length + index : index]
  }
  return isObject(container) && Object.hasOwn(container, name) ? container[name] : undefined
}

/** Negative indexes count from the end, as the API server takes them. */
export function arrayIndex(name: string): number | undefined {
  return /^(0|-?[1-9][0-9]{0,8})$/.test(name) ? Number(name) : undefined
}
