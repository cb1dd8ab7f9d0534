import type { JsonObject } from '../../../platform/json.ts'
import { forbidden } from '../api-error.ts'
import { objectAt, textAt, textsAt, withFields, withMetadata } from '../json-path.ts'
import { labelFaults } from '../schema/index.ts'
import { ageColumn, type Kind, plainKind } from './kind.ts'
import { conditions, kindSchema, object, text } from './schemas.ts'

const permanent = new Set(['default', 'kube-system', 'galaxy-system'])

/** Namespaces that are always there. */
export const seededNamespaces: readonly string[] = [...permanent]

const subject = { group: '', plural: 'namespaces', kind: 'Namespace' }

/** A namespace is let go of by the server when this finalizer of its spec is the last thing left. */
export const namespaceFinalizer = 'kubernetes'

export const namespaceKind: Kind = {
  ...plainKind,
  ...subject,
  storedAs: 'namespaces',
  version: 'v1',
  singular: 'namespace',
  listKind: 'NamespaceList',
  shortNames: ['ns'],
  namespaced: false,
  nameFaults: labelFaults,
  hasStatus: true,
  schema: kindSchema('A scope for names: objects of different namespaces may be called the same.', {
    spec: object('How the namespace behaves.', {
      finalizers: {
        type: 'array',
        description: 'Must be empty before the namespace goes.',
        items: { type: 'string' },
        'x-kubernetes-list-type': 'atomic',
      },
    }),
    status: object('The state of the namespace.', { phase: text('Active or Terminating.'), conditions }),
  }),
  columns: [
    { name: 'Status', type: 'string', jsonPath: '.status.phase', description: 'Active or Terminating.', priority: 0 },
    ageColumn,
  ],
  fields: ['status.phase'],
  listKeys: { 'status.conditions': 'type' },
  prepare,
  guardDelete: (namespace) => {
    const name = textAt(namespace, ['metadata', 'name'])
    if (permanent.has(name)) throw forbidden(subject, name, 'this namespace may not be deleted')
  },
}

function prepare(namespace: JsonObject, old: JsonObject | undefined): JsonObject {
  const name = textAt(namespace, ['metadata', 'name'])
  const labelled = withNameLabel(namespace, name)
  if (old) return withFields(labelled, { spec: old['spec'], status: keepPhase(labelled, old) })
  const finalizers = [...new Set([...textsAt(namespace, ['spec', 'finalizers']), namespaceFinalizer])]
  return { ...labelled, spec: { finalizers }, status: { phase: 'Active' } }
}

/** A name that is refused becomes no label: the refusal would name the label, which nobody has written. */
function withNameLabel(namespace: JsonObject, name: string): JsonObject {
  if (labelFaults(name).length > 0) return namespace
  const labels = { ...objectAt(namespace, ['metadata', 'labels']), 'kubernetes.io/metadata.name': name }
  return withMetadata(namespace, { labels })
}

/** Only the server moves the phase. */
function keepPhase(namespace: JsonObject, old: JsonObject): JsonObject {
  const phase = textAt(old, ['metadata', 'deletionTimestamp']) ? 'Terminating' : 'Active'
  return { ...objectAt(namespace, ['status']), phase }
}

export function isTerminating(object: JsonObject): boolean {
  return textAt(object, ['metadata', 'deletionTimestamp']) !== ''
}
