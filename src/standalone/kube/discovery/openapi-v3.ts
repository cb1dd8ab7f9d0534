import { createHash } from 'node:crypto'
import type { JsonObject } from '../../../platform/json.ts'
import { apiVersionOf, type Kind, type Registry, rootPathOf } from '../kinds/index.ts'
import { type Dialect, pathsOf } from './openapi-paths.ts'
import { schemaNameOf, schemasOf } from './openapi-schemas.ts'
import { versionInfo } from './version.ts'

const refs = '#/components/schemas/'

/** The documents of OpenAPI v3, made once: `index` for `/openapi/v3`, `documents` by `apis/galaxy.dev/v1`. */
export function openApiV3(registry: Registry): { index: string; documents: ReadonlyMap<string, string> } {
  const roots = [...new Set(registry.all.map((kind) => rootPathOf(kind).slice(1)))]
  const documents = new Map(roots.map((root) => [root, JSON.stringify(documentOf(registry, root))]))
  const paths = [...documents].map(([root, text]): [string, JsonObject] => {
    const hash = createHash('sha256').update(text).digest('hex').toUpperCase()
    return [root, { serverRelativeURL: `/openapi/v3/${root}?hash=${hash}` }]
  })
  return { index: JSON.stringify({ paths: Object.fromEntries(paths) }), documents }
}

function documentOf(registry: Registry, root: string): JsonObject {
  const kinds = registry.all.filter((kind) => rootPathOf(kind) === `/${root}`)
  const paths = kinds.map((kind) => pathsOf(kind, dialectFor(kind)))
  return {
    openapi: '3.0.0',
    info: { title: `Galaxy ${kinds[0] ? apiVersionOf(kinds[0]) : ''}`, version: versionInfo.gitVersion },
    paths: Object.assign({}, ...paths),
    components: { schemas: schemasOf(kinds, refs) },
  }
}

function dialectFor(kind: Kind): Dialect {
  const schema = { $ref: `${refs}${schemaNameOf(kind)}` }
  const contentOf = (types: readonly string[]) => Object.fromEntries(types.map((type) => [type, { schema }]))
  return {
    parameter: (parameter, type) => {
      const { uniqueItems, ...rest } = parameter
      return { ...rest, schema: { type, ...(uniqueItems === true ? { uniqueItems } : {}) } }
    },
    body: (types) => ({ requestBody: { content: contentOf(types), required: true } }),
    bodyParameters: () => [],
    answer: () => ({ responses: { 200: { description: 'OK', content: contentOf(['application/json']) } } }),
  }
}
