import { z } from 'zod'
import { isObject, type JsonObject } from '../platform/json.ts'
import { EngineVersionSpec, EngineVersionStatus } from './engine-version.ts'
import { engineVersionRules } from './engine-version-rules.ts'
import { gameRules } from './game-rules.ts'
import { GameSpec } from './game-spec.ts'
import { GameStatus } from './game-status.ts'
import { category, group, version } from './group.ts'
import type { Rule } from './rules.ts'

export type PrinterColumn = {
  name: string
  type: 'string' | 'integer' | 'date'
  jsonPath: string
  description: string
  /** 0 is always shown, more only with `-o wide`. */
  priority: number
}

/** https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/ */
export type CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1'
  kind: 'CustomResourceDefinition'
  metadata: { name: string; labels: Record<string, string> }
  spec: {
    group: string
    names: {
      kind: string
      listKind: string
      plural: string
      singular: string
      shortNames: string[]
      categories: string[]
    }
    scope: 'Namespaced' | 'Cluster'
    versions: {
      name: string
      served: true
      storage: true
      schema: { openAPIV3Schema: JsonObject }
      subresources: { status: Record<string, never> }
      additionalPrinterColumns: PrinterColumn[]
      /** Fields to select by (`--field-selector`); servers before 1.30 do not know them. */
      selectableFields?: { jsonPath: string }[]
    }[]
  }
}

function column(
  name: string,
  jsonPath: string,
  description: string,
  { type = 'string', wide = false }: { type?: PrinterColumn['type']; wide?: boolean } = {},
): PrinterColumn {
  return { name, type, jsonPath, description, priority: wide ? 1 : 0 }
}

const age = column('Age', '.metadata.creationTimestamp', 'How old the object is.', { type: 'date' })

export const gameCrd = definition({
  kind: 'Game',
  plural: 'games',
  shortNames: ['gm'],
  description: 'A turn-based game that runs in an engine of its own.',
  spec: GameSpec,
  status: GameStatus,
  rules: gameRules,
  selectableFields: ['.status.phase'],
  columns: [
    column('Phase', '.status.phase', 'Where the game is in its life.'),
    column('Turn', '.status.turn.number', 'Last complete turn.', { type: 'integer' }),
    column('Next', '.status.turn.nextAt', 'When the next turn runs.'),
    column('Players', '.status.players.count', 'Players in the roster.', { type: 'integer' }),
    column('Engine', '.status.engine.version', 'Version of the engine.'),
    age,
    // `-o wide`: scripts read the columns above by their place.
    column('Ready', '.status.conditions[?(@.type=="Ready")].status', 'Whether an engine serves the game.', {
      wide: true,
    }),
    column(
      'Reason',
      '.status.conditions[?(@.type=="Degraded")].reason',
      'What is wrong, as the condition Degraded says; AsExpected when nothing is.',
      { wide: true },
    ),
    column('Runtime', '.status.engine.runtime', 'Driver that runs the engine.', { wide: true }),
    column('Restarts', '.status.engine.restarts', 'Unexpected ends that were repaired.', {
      type: 'integer',
      wide: true,
    }),
    column('Endpoint', '.status.engine.endpoint', 'Base URL of the engine.', { wide: true }),
  ],
})

export const engineVersionCrd = definition({
  kind: 'EngineVersion',
  plural: 'engineversions',
  shortNames: ['gev'],
  description: 'An engine image that games may run.',
  spec: EngineVersionSpec,
  status: EngineVersionStatus,
  rules: engineVersionRules,
  columns: [
    column('Version', '.spec.version', 'Semantic version of the engine.'),
    column('Image', '.spec.image', 'Image of the engine.'),
    column('Disabled', '.spec.disabled', 'No new game starts with this version.'),
    column('Games', '.status.games', 'Games that run this version.', { type: 'integer' }),
    age,
  ],
})

export const customResourceDefinitions: readonly CustomResourceDefinition[] = [gameCrd, engineVersionCrd]

type Definition = {
  kind: string
  plural: string
  shortNames: string[]
  description: string
  spec: z.ZodType
  status: z.ZodType
  rules: readonly Rule<never>[]
  columns: PrinterColumn[]
  selectableFields?: string[]
}

function definition({
  kind,
  plural,
  shortNames,
  description,
  spec,
  status,
  rules,
  columns,
  selectableFields = [],
}: Definition): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: { 'app.kubernetes.io/part-of': 'galaxy' } },
    spec: {
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames,
        categories: [category],
      },
      scope: 'Namespaced',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: withRules(objectSchema(description, spec, status), rules) },
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          ...(selectableFields.length > 0
            ? { selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })) }
            : {}),
        },
      ],
    },
  }
}

function objectSchema(description: string, spec: z.ZodType, status: z.ZodType): JsonObject {
  return {
    type: 'object',
    description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: 'Version of the schema of this object.' },
      kind: { type: 'string', description: 'Kind of this object.' },
      metadata: { type: 'object' },
      spec: structural(jsonSchema(spec)),
      status: structural(jsonSchema(status)),
    },
  }
}

function jsonSchema(schema: z.ZodType): JsonObject {
  return { ...z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', unrepresentable: 'any' }) }
}

/**
 * A structural schema (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema)
 * out of what zod writes: no `additionalProperties` beside `properties`, one `type` per value, no patterns where a
 * `format` says it, no bounds that are JavaScript's and not ours, no defaults that say nothing.
 */
function structural(node: JsonObject): JsonObject {
  const { $schema: _schema, additionalProperties, anyOf: _anyOf, properties, items, pattern, ...rest } = node
  if (node['x-kubernetes-preserve-unknown-fields'] === true) return rest
  if (node['x-kubernetes-int-or-string'] === true) return { ...rest, ...(pattern ? { pattern } : {}) }
  return {
    ...withoutEmptyDefault(withoutSafeIntegerBounds(rest)),
    ...(pattern !== undefined && rest['format'] === undefined ? { pattern } : {}),
    ...(isObject(properties)
      ? { properties: mapValues(properties, (value) => (isObject(value) ? structural(value) : value)) }
      : isObject(additionalProperties)
        ? { additionalProperties: structural(additionalProperties) }
        : {}),
    ...(isObject(items) ? { items: structural(items) } : {}),
  }
}

function withoutSafeIntegerBounds(node: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(node).filter(([, value]) => value !== Number.MAX_SAFE_INTEGER && value !== Number.MIN_SAFE_INTEGER),
  )
}

/** An absent text is read as the empty one; Kubernetes 1.20 takes a default of "" for null and refuses the definition. */
function withoutEmptyDefault(node: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(node).filter(([key, value]) => key !== 'default' || value !== ''))
}

function mapValues(object: JsonObject, change: (value: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))
}

function withRules(schema: JsonObject, rules: readonly Rule<never>[]): JsonObject {
  return rules.reduce((tree, { cel, message }) => {
    if (!cel) return tree
    const { at, rule, fieldPath } = cel
    return attach(tree, at === '' ? [] : at.split('.'), { rule, message, ...(fieldPath ? { fieldPath } : {}) })
  }, schema)
}

function attach(node: JsonObject, [next, ...rest]: readonly string[], validation: JsonObject): JsonObject {
  if (next === undefined) {
    const before = node['x-kubernetes-validations']
    return { ...node, 'x-kubernetes-validations': [...(Array.isArray(before) ? before : []), validation] }
  }
  const { properties } = node
  const child = isObject(properties) ? properties[next] : undefined
  if (!isObject(properties) || !isObject(child)) throw new TypeError(`a rule is attached to ${next}, which is no field`)
  return { ...node, properties: { ...properties, [next]: attach(child, rest, validation) } }
}
