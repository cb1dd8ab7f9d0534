import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { type Kind, type Registry, rootPathOf } from '../kinds/index.ts'
import { versionInfo } from './version.ts'

export const openApiV2ProtobufType = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'

/** Fields of a message: number → text, or another message. */
type Fields = readonly (readonly [number, string | Uint8Array])[]

/**
 * OpenAPI v2 as protobuf, which is all that older clients ask for. It says only that patches may be tried (`kubectl
 * diff` and `--dry-run=server` look for that here); schemas are in v3.
 * Messages of https://github.com/google/gnostic-models/blob/main/openapiv2/OpenAPIv2.proto.
 */
export function openApiV2Protobuf(registry: Registry): Buffer {
  const info = message([
    [1, 'Galaxy'],
    [2, versionInfo.gitVersion],
  ])
  const paths = message(registry.all.map((kind) => [2, pathOf(kind)]))
  // Document: swagger = 1, info = 2, paths = 8, definitions = 9.
  const document = message([
    [1, '2.0'],
    [2, info],
    [8, paths],
    [9, ''],
  ])
  return Buffer.from(document)
}

/** NamedPathItem, with a PATCH operation that has the parameter dryRun. */
function pathOf(kind: Kind): Uint8Array {
  const { group, version, kind: name } = kind
  const query = message([
    [2, 'query'],
    [4, 'dryRun'],
    [6, 'string'],
  ])
  const nonBody = message([[3, query]])
  const parameter = message([[2, nonBody]])
  const extension = message([
    [1, 'x-kubernetes-group-version-kind'],
    [2, message([[2, JSON.stringify({ group, version, kind: name })]])],
  ])
  const operation = message([
    [8, message([[1, parameter]])],
    [13, extension],
  ])
  return message([
    [1, `${rootPathOf(kind)}/${kind.plural}/{name}`],
    [2, message([[8, operation]])],
  ])
}

function message(fields: Fields): Uint8Array {
  const writer = new BinaryWriter()
  for (const [number, content] of fields) {
    writer.tag(number, WireType.LengthDelimited).bytes(typeof content === 'string' ? Buffer.from(content) : content)
  }
  return writer.finish()
}
