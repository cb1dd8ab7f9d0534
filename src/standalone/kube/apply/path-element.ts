import { canonicalJson, isObject } from '../../../platform/json.ts'

/**
 * One step of a path, written as fieldsV1 writes it: `f:name` a field, `k:{"name":"x"}` an item of a map list,
 * `v:"x"` an item of a set, `i:0` an index.
 */
export type PathElement = string

export function fieldElement(name: string): PathElement {
  return `f:${name}`
}

export function keyElement(keys: Readonly<Record<string, unknown>>): PathElement {
  return `k:${canonicalJson(keys)}`
}

export function valueElement(value: unknown): PathElement {
  return `v:${JSON.stringify(value)}`
}

/** The name of the field that it is; undefined for items of lists. */
export function fieldName(element: PathElement): string | undefined {
  return element.startsWith('f:') ? element.slice(2) : undefined
}

const orderOfTypes = 'fkvi'

/** Fields, then keys, then values, then indexes; each in order of its text. */
export function comparePathElements(a: PathElement, b: PathElement): number {
  const byType = orderOfTypes.indexOf(a.charAt(0)) - orderOfTypes.indexOf(b.charAt(0))
  if (byType !== 0) return byType
  return a < b ? -1 : a > b ? 1 : 0
}

/** `.spec.players[raceName="Terrans"].userId` */
export function printPath(path: readonly PathElement[]): string {
  return path.map(printElement).join('')
}

export function printElement(element: PathElement): string {
  const text = element.slice(2)
  switch (element.charAt(0)) {
    case 'f':
      return `.${text}`
    case 'v':
      return `[=${text}]`
    case 'k':
      return `[${printKeys(text)}]`
    default:
      return `[${text}]`
  }
}

function printKeys(text: string): string {
  const keys: unknown = JSON.parse(text)
  const entries = Object.entries(isObject(keys) ? keys : {})
  return entries.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')
}
