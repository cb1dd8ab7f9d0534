import type { JsonObject } from '../../../platform/json.ts'
import { apiVersionOf, type Kind, type Registry } from '../kinds/index.ts'
import { groupsOf, reviews, statusVerbs, verbsOf } from './groups.ts'

/** The versions of aggregated discovery that clients ask for, newest first. */
export type DiscoveryVersion = 'v2' | 'v2beta1'

/** The version of aggregated discovery that the client prefers; undefined when it wants the plain documents. */
export function aggregatedVersion(accept: string | undefined): DiscoveryVersion | undefined {
  for (const range of (accept ?? '').split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim())
    if (type !== 'application/json') continue
    if (!parameters.includes('g=apidiscovery.k8s.io') || !parameters.includes('as=APIGroupDiscoveryList'))
      return undefined
    if (parameters.includes('v=v2')) return 'v2'
    if (parameters.includes('v=v2beta1')) return 'v2beta1'
  }
  return undefined
}

export function aggregatedType(version: DiscoveryVersion): string {
  return `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
}

/** Everything that is served under `/api` (the core group) or `/apis` (all others), in one document. */
export function aggregatedDiscovery(
  registry: Registry,
  { under, version }: { under: 'api' | 'apis'; version: DiscoveryVersion },
): JsonObject {
  const groups = under === 'api' ? [{ name: '', versions: ['v1'] }] : groupsOf(registry)
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name ? { name, creationTimestamp: null } : { creationTimestamp: null },
      versions: versions.map((each) => ({
        version: each,
        resources: resourcesOf(registry, { group: name, version: each }),
        freshness: 'Current',
      })),
    })),
  }
}

function resourcesOf(registry: Registry, at: { group: string; version: string }): JsonObject[] {
  const groupVersion = apiVersionOf(at)
  const kinds = registry.all.filter((kind) => apiVersionOf(kind) === groupVersion)
  const asked = reviews.filter((review) => apiVersionOf(review) === groupVersion)
  return [...kinds.map(resourceOf), ...asked.map(reviewOf)]
}

function resourceOf(kind: Kind): JsonObject {
  const { group, version, plural, singular, namespaced, shortNames, categories } = kind
  const responseKind = { group, version, kind: kind.kind }
  return {
    resource: plural,
    responseKind,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: verbsOf(kind),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(kind.hasStatus ? { subresources: [{ subresource: 'status', responseKind, verbs: statusVerbs }] } : {}),
  }
}

function reviewOf({ group, version, plural, kind }: (typeof reviews)[number]): JsonObject {
  const responseKind = { group, version, kind }
  return { resource: plural, responseKind, scope: 'Cluster', singularResource: kind.toLowerCase(), verbs: ['create'] }
}
