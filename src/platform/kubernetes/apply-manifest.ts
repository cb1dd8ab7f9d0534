import type { KubeConfig } from './config.ts'
import { type ApiResource, findKind } from './discovery.ts'
import { KubernetesError } from './errors.ts'
import type { Manifest } from './manifests.ts'
import { objectPath } from './paths.ts'
import { callApi } from './transport.ts'

export type ApplyOptions = {
  resources: readonly ApiResource[]
  fieldManager: string
  /** For manifests that name none. */
  namespace: string
  /** Takes over fields that another manager owns. */
  force?: boolean | undefined
  deadlineMs: number
}

/** `game.galaxy.dev/quickstart`, as kubectl writes it. */
function objectTitle({ singular, group }: ApiResource, name: string): string {
  return `${singular}${group ? `.${group}` : ''}/${name}`
}

/**
 * Server-side apply of one manifest; returns the object's title.
 * @throws KubernetesError, `NotFound` also for a kind that the server does not know
 */
export async function applyManifest(config: KubeConfig, manifest: Manifest, options: ApplyOptions): Promise<string> {
  const resource = resourceOf(options.resources, manifest)
  const { name, namespace = options.namespace } = manifest
  await callApi(
    config,
    {
      method: 'PATCH',
      path: objectPath(resource, { namespace, name }),
      query: {
        fieldManager: options.fieldManager,
        fieldValidation: 'Strict',
        force: options.force === undefined ? undefined : String(options.force),
      },
      // JSON is YAML, and the API server accepts it as such.
      contentType: 'application/apply-patch+yaml',
      body: manifest.object,
    },
    options.deadlineMs,
  )
  return objectTitle(resource, name)
}

/** @throws KubernetesError `NotFound` */
export function resourceOf(resources: readonly ApiResource[], { apiVersion, kind }: Manifest): ApiResource {
  const resource = findKind(resources, { apiVersion, kind })
  if (!resource) throw new KubernetesError(404, 'NotFound', `the server knows no kind ${kind} of ${apiVersion}`)
  return resource
}
