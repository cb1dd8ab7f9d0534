import type { KubernetesObject, ObjectKey, ResourceKind } from './objects.ts'

type Kind = Pick<ResourceKind<KubernetesObject>, 'group' | 'version' | 'plural' | 'namespaced'>

/** `/apis/galaxy.dev/v1/namespaces/default/games`; without a namespace, that of all namespaces. */
export function collectionPath({ group, version, plural, namespaced }: Kind, namespace = ''): string {
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`
  return namespaced && namespace ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}` : `${root}/${plural}`
}

/** One object's path. An empty name would be the whole collection, which a DELETE would empty. */
export function objectPath(kind: Kind, { namespace, name }: ObjectKey, subresource?: string): string {
  if (!name) throw new RangeError(`a ${kind.plural} name must not be empty`)
  if (kind.namespaced && !namespace) throw new RangeError(`${kind.plural} "${name}": a namespace is needed`)
  const path = `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`
  return subresource ? `${path}/${subresource}` : path
}

/** `galaxy.dev/v1`, `v1`. */
export function apiVersionOf({ group, version }: Kind): string {
  return group ? `${group}/${version}` : version
}
