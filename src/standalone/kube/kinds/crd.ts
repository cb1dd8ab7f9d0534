import { isDeepStrictEqual } from 'node:util'
import { canonicalJson, type JsonObject } from '../../../platform/json.ts'
import type { CustomResourceDefinition } from '../../../resources/index.ts'
import { forbidden } from '../api-error.ts'
import { textAt, withFields, withMetadata } from '../json-path.ts'
import { type Kind, plainKind } from './kind.ts'
import { kindSchema } from './schemas.ts'

const subject = {
  group: 'apiextensions.k8s.io',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
}

const fixed = 'the resource server serves exactly the kinds it was built with'

/**
 * The definitions of the custom kinds, to read: `kubectl get crd`, `kubectl wait --for condition=established`. Applying
 * the very same definition succeeds, so that one set of instructions fits this server and a cluster.
 */
export const crdKind: Kind = {
  ...plainKind,
  ...subject,
  storedAs: 'customresourcedefinitions.apiextensions.k8s.io',
  version: 'v1',
  singular: 'customresourcedefinition',
  listKind: 'CustomResourceDefinitionList',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  hasStatus: true,
  schema: kindSchema('A kind of object that the server serves beside its own.', {
    spec: { type: 'object', description: 'The kind.', 'x-kubernetes-preserve-unknown-fields': true },
    status: { type: 'object', description: 'Whether it is served.', 'x-kubernetes-preserve-unknown-fields': true },
  }),
  columns: [
    {
      name: 'Created At',
      type: 'string',
      jsonPath: '.metadata.creationTimestamp',
      description: 'When the object was made.',
      priority: 0,
    },
  ],
  prepare: (definition, old) => {
    const same = old !== undefined && isDeepStrictEqual(withConversion(definition['spec']), old['spec'])
    if (!same) throw forbidden(subject, textAt(definition, ['metadata', 'name']), fixed)
    return withFields(definition, { spec: old['spec'], status: old['status'] })
  },
  guardDelete: (definition) => {
    throw forbidden(subject, textAt(definition, ['metadata', 'name']), fixed)
  },
}

/** A custom kind's definition as the server keeps it: what a cluster answers after it took it. */
export function seededDefinition(definition: CustomResourceDefinition, now: Date): JsonObject {
  const { names, versions } = definition.spec
  const { metadata, ...rest } = definition
  const lastTransitionTime = `${now.toISOString().slice(0, 19)}Z`
  const condition = { status: 'True', lastTransitionTime }
  const object: JsonObject = {
    ...rest,
    spec: withConversion(definition.spec),
    status: {
      acceptedNames: names,
      conditions: [
        { ...condition, type: 'NamesAccepted', reason: 'NoConflicts', message: 'no conflicts found' },
        {
          ...condition,
          type: 'Established',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
      ],
      storedVersions: versions.map(({ name }) => name),
    },
  }
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': lastApplied(definition) }
  return withMetadata(object, { ...metadata, annotations })
}

function withConversion(spec: unknown): JsonObject {
  const given = typeof spec === 'object' && spec !== null ? spec : {}
  return { conversion: { strategy: 'None' }, ...given }
}

/** As `kubectl apply` notes what it applied, so that applying the generated file says "unchanged". */
function lastApplied(definition: CustomResourceDefinition): string {
  const noted = { ...definition, metadata: { ...definition.metadata, annotations: {} } }
  // Go escapes these for HTML.
  const escaped = canonicalJson(noted).replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`)
  return `${escaped}\n`
}
