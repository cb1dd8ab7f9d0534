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

export const openApiV2ProtobufType = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'

/**
 * The same as protobuf, which is all that older clients ask for, with nothing in it but its frame: they then take the
 * schemas from v3. Messages of https://github.com/google/gnostic-models/blob/main/openapiv2/OpenAPIv2.proto.
 */
export function openApiV2Protobuf(): Buffer {
  const info = Buffer.concat([field(1, Buffer.from('Galaxy')), field(2, Buffer.from(versionInfo.gitVersion))])
  // Document: swagger = 1, info = 2, paths = 8, definitions = 9.
  return Buffer.concat([
    field(1, Buffer.from('2.0')),
    field(2, info),
    field(8, Buffer.alloc(0)),
    field(9, Buffer.alloc(0)),
  ])
}

/** A length-delimited protobuf field shorter than 128 bytes. */
function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content])
}
