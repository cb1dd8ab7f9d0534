import { applyManifest } from '../platform/kubernetes/apply-manifest.ts'
import { readManifests } from '../platform/kubernetes/manifests.ts'
import { deadlineMs, openCluster } from './cluster.ts'
import type { ClusterFlags } from './cluster-options.ts'
import type { CliContext } from './context.ts'

type ApplyOptions = ClusterFlags & { filename: readonly string[]; forceConflicts?: boolean }

/** Applies what it can: one bad object does not keep the others back. */
export async function apply(options: ApplyOptions, { environment, print, complain }: CliContext): Promise<void> {
  const manifests = []
  for (const file of options.filename) manifests.push(...(await readManifests(file)))
  const { config, namespace, resources } = await openCluster(options, environment)
  const { forceConflicts: force } = options
  for (const manifest of manifests) {
    try {
      const title = await applyManifest(config, manifest, {
        resources,
        fieldManager: 'galaxy-cli',
        namespace,
        force,
        deadlineMs,
      })
      print(`${title} serverside-applied\n`)
    } catch (error) {
      complain(error)
    }
  }
}
