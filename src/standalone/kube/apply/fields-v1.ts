import { canonicalJson, isObject, type JsonObject } from '../../../platform/json.ts'
import { elementsOf, type FieldSet, gather, type Mark } from './field-set.ts'
import type { PathElement } from './path-element.ts'

/** A set as `managedFields` carries it: `{"f:spec":{".":{},"f:size":{}}}`. */
export function printFieldsV1(set: FieldSet): JsonObject {
  return Object.fromEntries(
    elementsOf(set).map((element) => {
      const child = set.children.get(element)
      const self = child && set.members.has(element) ? { '.': {} } : {}
      return [element, { ...self, ...(child ? printFieldsV1(child) : {}) }]
    }),
  )
}

/** Reads what `printFieldsV1` wrote, or a client did; what cannot be read is left out. */
export function parseFieldsV1(fields: JsonObject): FieldSet {
  return gather(
    Object.entries(fields).flatMap(([text, inner]): [PathElement, Mark][] => {
      const element = readElement(text)
      if (element === undefined || !isObject(inner)) return []
      const { '.': dot, ...rest } = inner
      const self = dot !== undefined || Object.keys(rest).length === 0
      return [[element, { self, inside: parseFieldsV1(rest) }]]
    }),
  )
}

function readElement(text: string): PathElement | undefined {
  switch (text.slice(0, 2)) {
    case 'f:':
    case 'i:':
      return text
    case 'k:':
    case 'v:':
      return normalized(text)
    default:
      return undefined
  }
}

/** The same JSON is written in one way only. */
function normalized(text: string): PathElement | undefined {
  try {
    return text.slice(0, 2) + canonicalJson(JSON.parse(text.slice(2)))
  } catch {
    return undefined
  }
}
