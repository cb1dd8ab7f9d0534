import type { JsonObject } from '../../../platform/json.ts'
import type { Kind, Registry } from '../kinds/index.ts'
import { type Dialect, pathsOf } from './openapi-paths.ts'
import { schemaNameOf, schemasOf } from './openapi-schemas.ts'
import { versionInfo } from './version.ts'

const refs = '#/definitions/'

/** OpenAPI v2, for clients that know no better. */
export function openApiV2(registry: Registry): JsonObject {
  const paths = registry.all.map((kind) => pathsOf(kind, dialectFor(kind)))
  return {
    swagger: '2.0',
    info: { title: 'Galaxy', version: versionInfo.gitVersion },
    paths: Object.assign({}, ...paths),
    definitions: schemasOf(registry.all, refs),
  }
}

function dialectFor(kind: Kind): Dialect {
  const schema = { $ref: `${refs}${schemaNameOf(kind)}` }
  return {
    parameter: (parameter, type) => ({ ...parameter, type }),
    body: (consumes) => ({ consumes }),
    bodyParameters: () => [{ name: 'body', in: 'body', required: true, schema }],
    answer: () => ({ responses: { 200: { description: 'OK', schema } } }),
  }
}
