import { accessSync, constants } from 'node:fs'
import { KubeConfig } from '@kubernetes/client-node'
import { messageOf, StartupError } from '../errors.ts'
import { keepConnections } from './dispatcher.ts'

export type KubeConfigSource = { path: string } | { inCluster: true } | { default: true }

/**
 * How to reach the API server: a kubeconfig file, a pod's service account, or what kubectl would use (KUBECONFIG,
 * ~/.kube/config, the service account). Connections are kept and shared by everything that uses the same KubeConfig.
 * @throws StartupError naming the file that is missing or bad
 */
export function loadKubeConfig(source: KubeConfigSource): KubeConfig {
  const name = nameOf(source)
  try {
    const config = new KubeConfig()
    load(config, source)
    check(config)
    keepConnections(config)
    return config
  } catch (error) {
    throw new StartupError(`${name}: ${firstLine(messageOf(error))}`, { cause: error })
  }
}

function nameOf(source: KubeConfigSource): string {
  if ('path' in source) return `kubeconfig ${source.path}`
  return 'inCluster' in source
    ? 'in-cluster configuration'
    : 'default kubeconfig ($KUBECONFIG, ~/.kube/config or in-cluster)'
}

function load(config: KubeConfig, source: KubeConfigSource): void {
  if ('path' in source) {
    accessSync(source.path, constants.R_OK)
    config.loadFromFile(source.path)
  } else if ('inCluster' in source) {
    config.loadFromCluster()
  } else {
    config.loadFromDefault()
  }
}

/** What would otherwise fail at the first call, over and over. */
function check(config: KubeConfig): void {
  const cluster = config.getCurrentCluster()
  const user = config.getCurrentUser()
  if (!cluster) throw new Error(`no cluster for its current context "${config.getCurrentContext()}"`)
  if (!user) throw new Error(`no user for its current context "${config.getCurrentContext()}"`)
  if (cluster.server.includes('undefined')) {
    throw new Error('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no pod')
  }
  if (!URL.canParse(cluster.server)) throw new Error(`the server "${cluster.server}" is no URL`)
  if (cluster.proxyUrl?.startsWith('socks')) throw new Error('SOCKS proxies are not supported')
  const tokenFile: unknown = user.authProvider?.config?.tokenFile
  for (const file of [cluster.caFile, user.certFile, user.keyFile, tokenFile]) {
    if (typeof file === 'string') accessSync(file, constants.R_OK)
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text
}
