import { existsSync } from 'node:fs'
import { type KubeConfig, loadKubeConfig } from '../platform/kubernetes/client.ts'
import { type ApiResource, discoverResources } from '../platform/kubernetes/discovery.ts'
import type { Environment } from '../platform/settings.ts'
import type { ClusterFlags } from './cluster-options.ts'

export const deadlineMs = 30_000

export type Cluster = { config: KubeConfig; namespace: string; resources: readonly ApiResource[] }

const standaloneKubeconfig = '.galaxy/kubeconfig'

/**
 * The API server that the flags and the environment lead to, and what it serves.
 * @throws StartupError when there is no usable kubeconfig
 * @throws KubernetesError when the server does not answer
 */
export async function openCluster(flags: ClusterFlags, environment: Environment): Promise<Cluster> {
  const config = loadKubeConfig(sourceOf(flags, environment))
  return {
    config,
    namespace: flags.namespace ?? (config.namespace || 'default'),
    resources: await discoverResources(config, deadlineMs),
  }
}

function sourceOf({ kubeconfig }: ClusterFlags, environment: Environment) {
  if (kubeconfig !== undefined) return { path: kubeconfig }
  if (environment.KUBECONFIG || !existsSync(standaloneKubeconfig)) return { default: true } as const
  return { path: standaloneKubeconfig }
}
