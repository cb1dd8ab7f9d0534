import type { JsonObject } from '../../../platform/json.ts'
import { type Kind, rootPathOf } from '../kinds/index.ts'

/** How the two versions of OpenAPI say the same thing. */
export type Dialect = {
  parameter: (parameter: JsonObject, type: string) => JsonObject
  body: (types: readonly string[]) => JsonObject
  answer: () => JsonObject
  /** Parameters that a body is one of. */
  bodyParameters: () => JsonObject[]
}

const described: Readonly<Record<string, string>> = {
  dryRun: 'All: do everything but store the result.',
  fieldManager: 'Who changes the fields.',
  fieldValidation: 'What to do about unknown fields: Strict, Warn or Ignore.',
  force: 'Take over fields that others manage.',
}

const json = ['application/json', 'application/yaml']
const patches = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml']

/** The paths of a kind: tools read from them which verbs and parameters there are. */
export function pathsOf(kind: Kind, dialect: Dialect): JsonObject {
  const root = rootPathOf(kind)
  const collection = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.plural}` : `${root}/${kind.plural}`
  const scope = kind.namespaced ? [pathParameter(dialect, 'namespace')] : []
  const name = pathParameter(dialect, 'name')
  const operation = operationOf(kind, dialect)
  const change = { put: operation('put'), patch: operation('patch') }
  return {
    [collection]: {
      parameters: scope,
      get: operation('list'),
      post: operation('post'),
      delete: operation('deletecollection'),
    },
    [`${collection}/{name}`]: {
      parameters: [name, ...scope],
      get: operation('get'),
      ...change,
      delete: operation('delete'),
    },
    ...(kind.namespaced ? { [`${root}/${kind.plural}`]: { get: operation('list') } } : {}),
    ...(kind.hasStatus
      ? { [`${collection}/{name}/status`]: { parameters: [name, ...scope], get: operation('get'), ...change } }
      : {}),
  }
}

type Action = 'get' | 'list' | 'post' | 'put' | 'patch' | 'delete' | 'deletecollection'

const parametersOf: Readonly<Record<Action, readonly string[]>> = {
  get: [],
  list: [],
  post: ['dryRun', 'fieldManager', 'fieldValidation'],
  put: ['dryRun', 'fieldManager', 'fieldValidation'],
  patch: ['dryRun', 'fieldManager', 'fieldValidation', 'force'],
  delete: ['dryRun'],
  deletecollection: ['dryRun'],
}

function operationOf({ group, version, kind }: Kind, dialect: Dialect): (action: Action) => JsonObject {
  return (action) => {
    const hasBody = action === 'post' || action === 'put' || action === 'patch'
    const parameters = parametersOf[action].map((name) => queryParameter(dialect, name))
    return {
      operationId: `${action}${group.replaceAll(/[^a-z]/gi, '')}${version}${kind}`,
      parameters: [...parameters, ...(hasBody ? dialect.bodyParameters() : [])],
      ...(hasBody ? dialect.body(action === 'patch' ? patches : json) : {}),
      ...dialect.answer(),
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': { group, version, kind },
    }
  }
}

function queryParameter(dialect: Dialect, name: string): JsonObject {
  const type = name === 'force' ? 'boolean' : 'string'
  return dialect.parameter({ name, in: 'query', description: described[name], uniqueItems: true }, type)
}

function pathParameter(dialect: Dialect, name: string): JsonObject {
  return dialect.parameter({ name, in: 'path', required: true, description: `${name} of the object` }, 'string')
}
