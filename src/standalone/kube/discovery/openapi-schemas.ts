import type { JsonObject } from '../../../platform/json.ts'
import { objectAt } from '../json-path.ts'
import type { Kind } from '../kinds/index.ts'
import { objectMeta, objectMetaName } from './object-meta.ts'

/** `dev.galaxy.v1.Game`: the name of a kind's schema in OpenAPI documents. */
export function schemaNameOf({ group, version, kind }: Kind): string {
  if (group === '') return `io.k8s.api.core.${version}.${kind}`
  return `${group.split('.').toReversed().join('.')}.${version}.${kind}`
}

/** The schemas of some kinds, by name; `refs` is the path under which a document keeps its schemas. */
export function schemasOf(kinds: readonly Kind[], refs: string): JsonObject {
  const meta = {
    allOf: [{ $ref: `${refs}${objectMetaName}` }],
    default: {},
    description: 'Standard metadata of every object.',
  }
  const pairs = kinds.map((kind): [string, JsonObject] => {
    const { group, version } = kind
    const properties = {
      ...objectAt(kind.schema, ['properties']),
      metadata: refs.startsWith('#/def') ? meta.allOf[0] : meta,
    }
    const names = { 'x-kubernetes-group-version-kind': [{ group, version, kind: kind.kind }] }
    return [schemaNameOf(kind), { ...kind.schema, properties, ...names }]
  })
  return { ...Object.fromEntries(pairs), [objectMetaName]: objectMeta }
}
