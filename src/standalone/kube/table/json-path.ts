import { isObject } from '../../../platform/json.ts'

type Filter = { field: readonly string[]; equal: boolean; value: string }

type Step = { field: string } | { index: number } | { every: true } | { filter: Filter }

export type JsonPath = readonly Step[]

/** `.name`, `["name"]`, `[0]`, `[*]` and `[?(@.type=="Ready")]`, one at a time. */
const stepPattern =
  /\.?\[\s*(?:(?<quote>["'])(?<quoted>(?:\\.|[^\\])*?)\k<quote>|(?<index>-?\d+)|(?<star>\*)|\?\(\s*@(?<operand>[^=!)\s]+)\s*(?<operator>==|!=)\s*(?<value>"[^"]*"|'[^']*'|[^\s)]+)\s*\))\s*\]|\.(?<name>(?:\\.|[^.[\]\\])+)/y

/**
 * The part of JSONPath that printer columns use.
 * @throws TypeError for any other
 */
export function parseJsonPath(text: string): JsonPath {
  const path = text.replace(/^\{(.*)\}$/s, '$1').replace(/^\$/, '')
  const steps: Step[] = []
  stepPattern.lastIndex = 0
  while (stepPattern.lastIndex < path.length) {
    const found = stepPattern.exec(path)
    if (!found?.groups) throw new TypeError(`no JSON path of a printer column: ${text}`)
    steps.push(readStep(found.groups))
  }
  return steps
}

function readStep({ quoted, index, star, operand, operator, value, name }: Record<string, string | undefined>): Step {
  if (index !== undefined) return { index: Number(index) }
  if (star !== undefined) return { every: true }
  if (operand !== undefined && value !== undefined) {
    const field = operand.split('.').filter((each) => each !== '')
    return { filter: { field, equal: operator === '==', value: value.replace(/^(["'])(.*)\1$/s, '$2') } }
  }
  return { field: (quoted ?? name ?? '').replace(/\\(.)/gs, '$1') }
}

/** All values that the path leads to. */
export function evaluate(path: JsonPath, value: unknown): unknown[] {
  return path.reduce<unknown[]>((values, step) => values.flatMap((each) => follow(step, each)), [value])
}

function follow(step: Step, value: unknown): unknown[] {
  if ('field' in step) return isObject(value) && Object.hasOwn(value, step.field) ? [value[step.field]] : []
  if ('index' in step) return Array.isArray(value) ? value.slice(step.index).slice(0, 1) : []
  const items = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []
  return 'every' in step ? items : items.filter((item) => matches(step.filter, item))
}

function matches({ field, equal, value }: Filter, item: unknown): boolean {
  const found = field.reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), item)
  return found !== undefined && (textOf(found) === value) === equal
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
