import { randomUUID } from 'node:crypto'
import { type KubeConfig, loadKubeConfig } from '../src/platform/kubernetes/client.ts'
import { failedWith } from '../src/platform/kubernetes/errors.ts'
import { callApi } from '../src/platform/kubernetes/transport.ts'

/** Ten thousand take a server longer than it gives to one request: then it is asked again, for the rest. */
const removals = 20

/** An API server to measure against, with a namespace that nobody else uses. */
export type Cluster = AsyncDisposable & { kubeconfig: string; config: KubeConfig; namespace: string }

/** @throws Error when `make bench-cluster` did not say where the cluster is */
export function clusterKubeconfig(): string {
  const kubeconfig = process.env['GALAXY_E2E_KUBECONFIG']
  if (kubeconfig === undefined) throw new Error('GALAXY_E2E_KUBECONFIG is not set: run make bench-cluster')
  return kubeconfig
}

export async function openCluster(kubeconfig: string): Promise<Cluster> {
  const config = loadKubeConfig({ path: kubeconfig })
  const namespace = `bench-${randomUUID().slice(0, 8)}`
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
  await callApi(config, { method: 'POST', path: '/api/v1/namespaces', body }, 10_000)
  return {
    kubeconfig,
    config,
    namespace,
    [Symbol.asyncDispose]: async () => {
      // Games before their namespace: where nothing runs but an API server, nobody else would remove them.
      await removeGames(config, namespace)
      await callApi(config, { method: 'DELETE', path: `/api/v1/namespaces/${namespace}` }, 10_000)
    },
  }
}

async function removeGames(config: KubeConfig, namespace: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await callApi(config, { method: 'DELETE', path: gamesPath(namespace) }, 60_000)
      return
    } catch (error) {
      if (!failedWith(error, 'Timeout') || attempt === removals) throw error
    }
  }
}

export function gamesPath(namespace: string): string {
  return `/apis/galaxy.dev/v1/namespaces/${namespace}/games`
}

/** Calls `work` for each item, at most `concurrency` of them at once. */
export async function inParallel<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const worker = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}
