import { isObject, type JsonObject } from '../../../platform/json.ts'
import type { TableColumn } from './columns.ts'
import { humanDuration } from './human-duration.ts'
import { evaluate, parseJsonPath, type JsonPath } from './json-path.ts'

const parsed = new Map<string, JsonPath>()

/** One row of a table: a cell per column, null where the object has no value. */
export function cellsOf(columns: readonly TableColumn[], object: JsonObject, now: Date): unknown[] {
  return columns.map(({ jsonPath, type }) => {
    if (jsonPath === undefined) return nameOf(object)
    return cellOf(type, evaluate(pathOf(jsonPath), object)[0], now)
  })
}

function nameOf({ metadata }: JsonObject): unknown {
  return isObject(metadata) ? metadata['name'] : undefined
}

function pathOf(text: string): JsonPath {
  const known = parsed.get(text)
  if (known) return known
  const path = parseJsonPath(text)
  parsed.set(text, path)
  return path
}

function cellOf(type: string, value: unknown, now: Date): unknown {
  if (type === 'date') return dateCell(value, now)
  if (value === undefined || value === null) return null
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    default:
      return typeof value === 'string' ? value : JSON.stringify(value)
  }
}

function dateCell(value: unknown, now: Date): string {
  if (typeof value !== 'string' || value === '') return '<unknown>'
  const at = Date.parse(value)
  return Number.isNaN(at) ? '<invalid>' : humanDuration(now.getTime() - at)
}
