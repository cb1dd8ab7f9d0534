import { isObject, type JsonObject } from '../src/platform/json.ts'
import { type CustomResourceDefinition, customResourceDefinitions } from '../src/resources/index.ts'
import { engineVersionRules } from '../src/resources/engine-version-rules.ts'
import { gameRules } from '../src/resources/game-rules.ts'
import type { Rule } from '../src/resources/rules.ts'
import { table } from './markdown.ts'
import { marksSection } from './reference-marks.ts'
import {
  type ConditionPage,
  engineVersionConditions,
  engineVersionEvents,
  gameConditions,
  gameEvents,
} from './reference-reasons.ts'

type Kind = {
  rules: readonly Rule<never>[]
  conditions: readonly ConditionPage[]
  events: typeof gameEvents
}

/** What people look for. */
const notes: Readonly<Record<string, string>> = {
  Game: ' Select by phase with `--field-selector status.phase=Running` (Kubernetes 1.31 and newer).',
}

const kinds: Readonly<Record<string, Kind>> = {
  Game: { rules: gameRules, conditions: gameConditions, events: gameEvents },
  EngineVersion: { rules: engineVersionRules, conditions: engineVersionConditions, events: engineVersionEvents },
}

/** `docs/reference.md`: the resources as their schemas, rules and reasons are. */
export function referencePage(): string {
  return `<!-- Generated from src/resources and scripts by make generate. -->

# API reference

\`galaxy.dev/v1\`. \`kubectl explain game.spec --recursive\` says the same at a terminal. \`spec\` is what people write; \`status\` is written by the
controller alone. Fields that are not named here are dropped.

${customResourceDefinitions.map(kindSection).join('\n')}
${marksSection()}`
}

function kindSection({ spec: { names, versions } }: CustomResourceDefinition): string {
  const kind = kinds[names.kind]
  const schema = versions[0]?.schema.openAPIV3Schema
  if (!kind || !schema) throw new Error(`no page is written about ${names.kind}`)
  const { spec, status } = propertiesOf(schema)
  return `## ${names.kind}

${textOf(schema['description'])} Namespaced; \`${[names.plural, names.singular, ...names.shortNames].join('`, `')}\`.${notes[names.kind] ?? ''}

### ${names.kind}: spec

${fieldTable('spec', spec)}
What goes beyond the shape of a field is refused by admission, which names the field:

${rulesList(kind.rules)}
### ${names.kind}: status

${fieldTable('status', status)}
### ${names.kind}: conditions

${kind.conditions.map(conditionTable).join('\n')}
### ${names.kind}: events

${eventTable(kind.events)}`
}

function propertiesOf(schema: JsonObject): Record<string, JsonObject> {
  const properties = schema['properties']
  if (!isObject(properties)) return {}
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, node]) => (isObject(node) ? [[name, node]] : [])),
  )
}

function fieldTable(path: string, schema: JsonObject | undefined): string {
  if (!schema) throw new Error(`there is no ${path}`)
  return table(['Field', 'Type', 'Default', 'Limits', 'Meaning'], fieldRows(path, schema))
}

/** The fields below `schema`, each with those below it after it. */
function fieldRows(path: string, schema: JsonObject): string[][] {
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  return Object.entries(propertiesOf(schema)).flatMap(([name, node]) => {
    const items = isObject(node['items']) ? node['items'] : undefined
    const own = `${path}.${name}`
    const fallback =
      node['default'] === undefined ? (required.includes(name) ? '*required*' : '') : code(node['default'])
    const row = [code(own), typeOf(node), fallback, limitsOf(node), textOf(node['description'])]
    // Conditions are as everywhere in Kubernetes; what ours say stands below.
    if (name === 'conditions') return [row]
    const below = items ? fieldRows(`${own}[]`, items) : fieldRows(own, node)
    return [row, ...below]
  })
}

function typeOf(node: JsonObject): string {
  if (node['x-kubernetes-int-or-string'] === true) return 'quantity'
  const { items, additionalProperties } = node
  if (node['type'] === 'array' && isObject(items)) return `list of ${typeOf(items)}`
  if (isObject(additionalProperties)) return `map of ${typeOf(additionalProperties)}`
  if (node['type'] === 'object' && node['x-kubernetes-preserve-unknown-fields'] === true) return 'anything'
  return textOf(node['format'] ?? node['type'])
}

const bounds: readonly (readonly [string, (value: unknown) => string])[] = [
  ['enum', (value) => (Array.isArray(value) ? value.map(code).join(', ') : '')],
  ['minimum', (value) => `at least ${String(value)}`],
  ['maximum', (value) => `at most ${String(value)}`],
  ['minLength', (value) => (value === 1 ? 'not empty' : `at least ${String(value)} characters`)],
  ['maxLength', (value) => `at most ${String(value)} characters`],
  ['maxItems', (value) => `at most ${String(value)} items`],
  ['x-kubernetes-list-map-keys', (value) => `one for each \`${String(value)}\``],
  ['pattern', (value) => code(value)],
]

function limitsOf(node: JsonObject): string {
  // A quantity's pattern is a line long and says nothing to a person.
  if (node['x-kubernetes-int-or-string'] === true) return 'as in `500m`, `64Mi`, `1Gi`'
  return bounds.flatMap(([key, said]) => (node[key] === undefined ? [] : [said(node[key])])).join('; ')
}

/** Where a rule that CEL cannot say is about one field all the same. */
const fields: Readonly<Record<string, string>> = {
  'must be a semantic version range such as ~1.0 or 1.0.3': 'spec.engine.version',
  'must be a cron expression with five or six fields that some moment matches': 'spec.turns.schedule',
  'must be an IANA time zone such as Europe/Berlin': 'spec.turns.timeZone',
  'cannot be changed once the engine is initialised': 'spec.settings',
  'is beyond 64 bits, and may have lost digits on its way here; write it as a text to keep all of them':
    'spec.settings',
}

function rulesList(rules: readonly Rule<never>[]): string {
  return rules
    .map(({ message, cel }) => {
      const field = cel ? `${cel.at}${cel.fieldPath ?? ''}`.replace(/^\./, '') : fields[message]
      if (field === undefined) throw new Error(`which field is this rule about: ${message}`)
      return `- ${code(field)}: ${message}\n`
    })
    .join('')
}

function conditionTable({ type, meaning, reasons }: ConditionPage): string {
  const rows = Object.entries(reasons).map(([reason, means]) => [code(reason), means])
  return `**${type}.** ${meaning}\n\n${table(['Reason', 'Means'], rows)}`
}

function eventTable(events: typeof gameEvents): string {
  const rows = Object.entries(events).flatMap(([type, reasons]) =>
    Object.entries(reasons).map(([reason, means]) => [code(reason), type, means]),
  )
  return table(['Reason', 'Type', 'Means'], rows)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}
