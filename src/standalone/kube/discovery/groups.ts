import type { JsonObject } from '../../../platform/json.ts'
import { apiVersionOf, type Kind, type Registry } from '../kinds/index.ts'

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** Whole clusters are not emptied by one request: only namespaces are. */
export function verbsOf({ namespaced }: Kind): string[] {
  return namespaced ? verbs : verbs.filter((verb) => verb !== 'deletecollection')
}

export const statusVerbs = ['get', 'patch', 'update']

/** Reviews are answered, but nothing of them is kept. */
export const reviews: readonly { group: string; version: string; plural: string; kind: string }[] = [
  { group: 'authentication.k8s.io', version: 'v1', plural: 'selfsubjectreviews', kind: 'SelfSubjectReview' },
  { group: 'authorization.k8s.io', version: 'v1', plural: 'selfsubjectaccessreviews', kind: 'SelfSubjectAccessReview' },
]

export type Group = { name: string; versions: readonly string[] }

/** Named groups and their versions, preferred first. */
export function groupsOf(registry: Registry): Group[] {
  const served = [...registry.all, ...reviews].filter(({ group }) => group !== '')
  const names = [...new Set(served.map(({ group }) => group))].sort()
  return names.map((name) => {
    const versions = served.filter(({ group }) => group === name).map(({ version }) => version)
    return { name, versions: [...new Set(versions)] }
  })
}

/** `GET /api`. */
export function apiVersions(): JsonObject {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }
}

/** `GET /apis`. */
export function apiGroupList(registry: Registry): JsonObject {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(registry).map(groupEntry) }
}

/** `GET /apis/{group}`; undefined when there is no such group. */
export function apiGroup(registry: Registry, name: string): JsonObject | undefined {
  const group = groupsOf(registry).find((each) => each.name === name)
  return group && { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) }
}

function groupEntry({ name, versions }: Group): JsonObject {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: entries, preferredVersion: entries[0] }
}

/** `GET /api/v1` and `GET /apis/{group}/{version}`; undefined when there is none. */
export function apiResourceList(registry: Registry, at: { group: string; version: string }): JsonObject | undefined {
  const groupVersion = apiVersionOf(at)
  const kinds = registry.all.filter((kind) => apiVersionOf(kind) === groupVersion)
  const asked = reviews.filter((review) => apiVersionOf(review) === groupVersion)
  if (kinds.length === 0 && asked.length === 0) return undefined
  const resources = [...kinds.flatMap(resourceEntries), ...asked.map(reviewEntry)]
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources }
}

function resourceEntries(kind: Kind): JsonObject[] {
  const { plural, singular, namespaced, shortNames, categories } = kind
  const entry = {
    name: plural,
    singularName: singular,
    namespaced,
    kind: kind.kind,
    verbs: verbsOf(kind),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    storageVersionHash: '',
  }
  const status = { name: `${plural}/status`, singularName: '', namespaced, kind: kind.kind, verbs: statusVerbs }
  return kind.hasStatus ? [entry, status] : [entry]
}

function reviewEntry({ plural, kind }: (typeof reviews)[number]): JsonObject {
  return { name: plural, singularName: kind.toLowerCase(), namespaced: false, kind, verbs: ['create'] }
}
