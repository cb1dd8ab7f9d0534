import { z } from 'zod'
import type { KubeConfig } from './config.ts'
import { callApi } from './transport.ts'

/** Something the API server serves. */
export type ApiResource = {
  group: string
  version: string
  plural: string
  singular: string
  shortNames: readonly string[]
  kind: string
  namespaced: boolean
}

const Discovery = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string().default('') }),
      versions: z.array(
        z.object({
          version: z.string(),
          resources: z
            .array(
              z.object({
                resource: z.string(),
                responseKind: z.object({ kind: z.string() }),
                scope: z.string(),
                singularResource: z.string().default(''),
                shortNames: z.array(z.string()).default([]),
              }),
            )
            .default([]),
        }),
      ),
    }),
  ),
})

/** Aggregated discovery, as of Kubernetes 1.30: two calls tell of everything. */
const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/**
 * Everything that the API server serves, the preferred version of each group first.
 * @throws KubernetesError
 */
export async function discoverResources(config: KubeConfig, deadlineMs: number): Promise<ApiResource[]> {
  const paths = ['/api', '/apis']
  const answers = await Promise.all(paths.map((path) => callApi(config, { method: 'GET', path, accept }, deadlineMs)))
  return answers.flatMap((answer) => resourcesOf(Discovery.parse(answer)))
}

function resourcesOf({ items }: z.infer<typeof Discovery>): ApiResource[] {
  return items.flatMap(({ metadata: { name: group }, versions }) =>
    versions.flatMap(({ version, resources }) =>
      resources.map(({ resource, responseKind, scope, singularResource, shortNames }) => ({
        group,
        version,
        plural: resource,
        singular: singularResource || responseKind.kind.toLowerCase(),
        shortNames,
        kind: responseKind.kind,
        namespaced: scope === 'Namespaced',
      })),
    ),
  )
}

/** By what a person types: `games`, `game`, `gm`, `Game`, `games.galaxy.dev`. */
export function findResource(resources: readonly ApiResource[], typed: string): ApiResource | undefined {
  const [name = '', ...rest] = typed.toLowerCase().split('.')
  const group = rest.join('.')
  return resources.find(
    (each) =>
      (!group || group === each.group) &&
      [each.plural, each.singular, each.kind.toLowerCase(), ...each.shortNames].includes(name),
  )
}

/** By what a manifest says. */
export function findKind(
  resources: readonly ApiResource[],
  { apiVersion, kind }: { apiVersion: string; kind: string },
): ApiResource | undefined {
  return resources.find(
    (each) => each.kind === kind && apiVersion === (each.group ? `${each.group}/${each.version}` : each.version),
  )
}
