import { isObject, isRawNumber } from '../../../platform/json.ts'
import { fieldSchema, type Schema } from '../schema/compile.ts'
import { printElement } from './path-element.ts'
import { elementOf } from './shape.ts'

/** What is applied does not have the types of its schema. `problems` read `.spec.size: expected string, got …`. */
export class TypedError extends Error {
  override name = 'TypedError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.length === 1 ? problems[0] : `errors:\n${problems.map((each) => `  ${each}`).join('\n')}`)
    this.problems = problems
  }
}

/**
 * Refuses what cannot be merged by key and type.
 * @throws TypedError in the words of structured-merge-diff
 */
export function checkTyped(schema: Schema, value: unknown): void {
  const problems = problemsOf(schema, value, '')
  if (problems.length > 0) throw new TypedError(problems)
}

function problemsOf(schema: Schema, value: unknown, path: string): string[] {
  if (value === null || value === undefined) return []
  const wrong = typeProblem(schema, value)
  if (wrong !== undefined) return [`${path}: ${wrong}`]
  if (Array.isArray(value)) return listProblems(schema, value, path)
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, inner]) => {
    const field = fieldSchema(schema, name)
    return field ? problemsOf(field, inner, `${path}.${name}`) : []
  })
}

function typeProblem({ types, isIntOrString }: Schema, value: unknown): string | undefined {
  const [type] = types
  const isScalar = typeof value !== 'object' || isRawNumber(value)
  if (isIntOrString) return isScalar ? undefined : `expected any scalar, got ${goType(value)}`
  switch (type) {
    case 'object':
      return isObject(value) ? undefined : `expected map, got ${goValue(value)}`
    case 'array':
      return Array.isArray(value) ? undefined : `expected list, got ${goValue(value)}`
    case 'string':
      return typeof value === 'string' ? undefined : `expected string, got ${goValue(value)}`
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got ${goValue(value)}`
    case 'integer':
    case 'number':
      return typeof value === 'number' || isRawNumber(value)
        ? undefined
        : `expected numeric (int or float), got ${goType(value)}`
    default:
      return undefined
  }
}

function listProblems(schema: Schema, list: readonly unknown[], path: string): string[] {
  const { items, listType } = schema
  const seen = new Set<string>()
  return list.flatMap((item, index) => {
    const element = listType === 'atomic' ? undefined : elementOf(schema, item)
    const at = `${path}${element === undefined ? `[${index}]` : printElement(element)}`
    const inner = items ? problemsOf(items, item, at) : []
    if (listType === 'atomic') return inner
    if (element === undefined) return [`${path}: ${withoutKey(schema, item)}`]
    if (seen.has(element)) return [`${path}: duplicate entries for key ${printElement(element)}`]
    seen.add(element)
    return inner
  })
}

function withoutKey({ listType, listKeys }: Schema, item: unknown): string {
  if (listType === 'set') return "associative list without keys has an element that's a map type"
  const key = listKeys.find((each) => !isObject(item) || item[each] === undefined) ?? ''
  const what = `associative list with keys has an element that omits key field ${JSON.stringify(key)}`
  return `${what} (and doesn't have default value)`
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}'
  if (isObject(value)) return 'map[string]interface {}'
  if (isRawNumber(value)) return 'int64'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

function goValue(value: unknown): string {
  return `&{${typeof value === 'string' ? value : JSON.stringify(value)}}`
}
