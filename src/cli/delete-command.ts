import { z } from 'zod'
import { sleep } from '../platform/clock.ts'
import { Refusal } from '../platform/errors.ts'
import { resourceOf } from '../platform/kubernetes/apply-manifest.ts'
import { type ApiResource, findResource } from '../platform/kubernetes/discovery.ts'
import { failedWith } from '../platform/kubernetes/errors.ts'
import { readManifests } from '../platform/kubernetes/manifests.ts'
import { objectPath } from '../platform/kubernetes/paths.ts'
import { callApi } from '../platform/kubernetes/transport.ts'
import { type Cluster, deadlineMs, openCluster } from './cluster.ts'
import type { CliContext } from './context.ts'
import type { DeleteFlags } from './delete.ts'

type DeleteOptions = DeleteFlags & { kind: string; names: readonly string[] }

type Target = { resource: ApiResource; name: string; namespace: string }

const waitMs = 300_000
const pollMs = 200

/** Deletes what it can: one that is missing does not keep the others. */
export async function remove(options: DeleteOptions, { environment, print, complain }: CliContext): Promise<void> {
  const manifests = []
  for (const file of options.filename) manifests.push(...(await readManifests(file)))
  const cluster = await openCluster(options, environment)
  const targets = manifests.map((manifest) => ({
    resource: resourceOf(cluster.resources, manifest),
    name: manifest.name,
    namespace: manifest.namespace ?? cluster.namespace,
  }))
  for (const target of [...targetsByName(cluster, options), ...targets]) {
    try {
      const uid = await removeOne(cluster, target)
      print(`${target.resource.singular}${dotted(target.resource.group)} "${target.name}" deleted\n`)
      if (options.wait) await untilGone(cluster, target, uid)
    } catch (error) {
      complain(error)
    }
  }
}

function targetsByName({ resources, namespace }: Cluster, { kind, names }: DeleteOptions): Target[] {
  if (names.length === 0) return []
  const resource = findResource(resources, kind)
  if (!resource) throw new Refusal('missing', 'unknown_kind', `the server has no kind "${kind}"`)
  return names.map((name) => ({ resource, name, namespace }))
}

/** The server answers with the object while finalizers keep it, and with a Status that names it once it is gone. */
const Deleted = z.object({
  metadata: z.object({ uid: z.string().optional() }).optional(),
  details: z.object({ uid: z.string().optional() }).optional(),
})

async function removeOne({ config }: Cluster, { resource, ...key }: Target): Promise<string | undefined> {
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' }
  const answer = await callApi(config, { method: 'DELETE', path: objectPath(resource, key), body }, deadlineMs)
  const { metadata, details } = Deleted.parse(answer)
  return metadata?.uid ?? details?.uid
}

async function untilGone({ config }: Cluster, { resource, ...key }: Target, uid: string | undefined): Promise<void> {
  for (let waitedMs = 0; waitedMs < waitMs; waitedMs += pollMs) {
    const found = await callApi(config, { method: 'GET', path: objectPath(resource, key) }, deadlineMs).catch(
      (error: unknown) => {
        if (!failedWith(error, 'NotFound')) throw error
      },
    )
    // Another of the same name is somebody's new one.
    if (found === undefined || Deleted.parse(found).metadata?.uid !== uid) return
    await sleep(pollMs)
  }
  throw new Refusal('unavailable', 'still_there', `${key.name} is still being deleted after ${waitMs / 1000} s`)
}

function dotted(group: string): string {
  return group && `.${group}`
}
