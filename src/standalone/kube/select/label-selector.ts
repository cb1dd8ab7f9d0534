import { isObject, type JsonObject } from '../../../platform/json.ts'
import { type Selector, SelectorError } from './selector.ts'

type Requirement = { key: string; holds: (value: string | undefined) => boolean }

/**
 * `env=prod,tier in (web, api),!legacy`: =, ==, !=, in, notin, key, !key, > and <.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 * @throws SelectorError for text that is no selector
 */
export function parseLabelSelector(text: string): Selector {
  const requirements = splitRequirements(text).map(parseRequirement)
  return (object) => {
    const labels = labelsOf(object)
    return requirements.every(({ key, holds }) => holds(labels.get(key)))
  }
}

function labelsOf({ metadata }: JsonObject): Map<string, string> {
  const labels = isObject(metadata) ? metadata['labels'] : undefined
  return new Map(Object.entries(isObject(labels) ? labels : {}).map(([key, value]) => [key, String(value)]))
}

/** Splits at the commas outside of parentheses. */
function splitRequirements(text: string): string[] {
  if (text.trim() === '') return []
  return text.split(/,(?![^(]*\))/).map((part) => part.trim())
}

const name = '[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?'
const keyPattern = `(?:[a-z0-9][-a-z0-9.]*/)?${name}`
const valuePattern = `(?:${name})?`
const forms = {
  set: new RegExp(`^(?<key>${keyPattern})\\s+(?<operator>in|notin)\\s*\\((?<values>[^()]*)\\)$`),
  comparison: new RegExp(`^(?<key>${keyPattern})\\s*(?<operator>==|=|!=|>|<)\\s*(?<value>${valuePattern})$`),
  existence: new RegExp(`^(?<not>!?)\\s*(?<key>${keyPattern})$`),
  value: new RegExp(`^${valuePattern}$`),
}

function parseRequirement(text: string): Requirement {
  const requirement = parseSet(text) ?? parseComparison(text) ?? parseExistence(text)
  if (!requirement) throw new SelectorError(`unable to parse requirement: found '${text}', expected: a label selector`)
  return requirement
}

function parseSet(text: string): Requirement | undefined {
  const { key, operator, values } = forms.set.exec(text)?.groups ?? {}
  if (key === undefined || values === undefined) return undefined
  const list = values.split(',').map((value) => value.trim())
  const wrong = list.find((value) => !forms.value.test(value))
  if (wrong !== undefined) {
    throw new SelectorError(`values[0][${key}]: Invalid value: ${JSON.stringify(wrong)}: must be a valid label value`)
  }
  const isWanted = operator === 'in'
  // What has no such label is not in the set.
  return { key, holds: (value) => (value !== undefined && list.includes(value)) === isWanted }
}

function parseComparison(text: string): Requirement | undefined {
  const { key, operator, value: wanted } = forms.comparison.exec(text)?.groups ?? {}
  if (key === undefined || wanted === undefined) return undefined
  switch (operator) {
    case '!=':
      return { key, holds: (value) => value !== wanted }
    case '>':
      return { key, holds: comparing(wanted, (value, bound) => value > bound) }
    case '<':
      return { key, holds: comparing(wanted, (value, bound) => value < bound) }
    default:
      return { key, holds: (value) => value === wanted }
  }
}

function comparing(wanted: string, holds: (value: number, bound: number) => boolean): Requirement['holds'] {
  const bound = integer(wanted)
  if (bound === undefined) {
    const said = "for 'Gt', 'Lt' operators, the value must be an integer"
    throw new SelectorError(`values[0]: Invalid value: ${JSON.stringify(wanted)}: ${said}`)
  }
  return (value) => {
    const number = integer(value ?? '')
    return number !== undefined && holds(number, bound)
  }
}

function parseExistence(text: string): Requirement | undefined {
  const { key, not } = forms.existence.exec(text)?.groups ?? {}
  return key === undefined ? undefined : { key, holds: (value) => (value === undefined) === (not === '!') }
}

function integer(text: string): number | undefined {
  return /^[-+]?[0-9]+$/.test(text) ? Number(text) : undefined
}
