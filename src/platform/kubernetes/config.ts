import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { delimiter, join } from 'node:path'
import type { Dispatcher } from 'undici'
import { messageOf, StartupError } from '../errors.ts'
import type { Environment } from '../settings.ts'
import { createCredentials, type CredentialSurroundings } from './credentials.ts'
import { createConnections } from './dispatcher.ts'
import { type ChosenContext, readContext } from './kubeconfig-file.ts'

export type KubeConfigSource =
  | {
      path: string
      /** The current one unless it is named. */
      context?: string
    }
  | { inCluster: true }
  | { default: true }

/** An API server and whom we are there. Connections are kept and shared by everything that uses the same one. */
export type KubeConfig = {
  /** Its URL, without a slash at the end. */
  server: string
  /** Where its context looks for objects, if it says so. */
  namespace: string | undefined
  /** What the next call has to bring: it may be renewed from one call to the next. */
  authorize: () => Promise<Authorization>
  /** Fires when the process stops: from then on an API server that does not answer is given up sooner. */
  stopping?: AbortSignal
}

/** What one call brings. */
export type Authorization = {
  headers: Record<string, string>
  dispatcher: Dispatcher
  /** To be called after a 401. True: the next authorization will be another one. */
  refused: () => boolean
}

/** What tells where things are; the process's own unless a test brings its own. */
type Surroundings = Partial<CredentialSurroundings> & { serviceAccount?: string }

/**
 * How to reach the API server: a kubeconfig file, a pod's service account, or what kubectl would use (KUBECONFIG,
 * ~/.kube/config, the service account).
 * @throws StartupError naming the file that is missing or bad
 */
export function loadKubeConfig(source: KubeConfigSource, surroundings: Surroundings = {}): KubeConfig {
  try {
    return open(contextOf(source, surroundings), surroundings)
  } catch (error) {
    throw new StartupError(`${nameOf(source)}: ${firstLine(messageOf(error))}`, { cause: error })
  }
}

function nameOf(source: KubeConfigSource): string {
  if ('path' in source) return `kubeconfig ${source.path}`
  return 'inCluster' in source
    ? 'in-cluster configuration'
    : 'default kubeconfig ($KUBECONFIG, ~/.kube/config or in-cluster)'
}

function contextOf(
  source: KubeConfigSource,
  // Where kubectl would look is said by the environment and by no setting of ours.
  { environment = process.env, serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount' }: Surroundings,
): ChosenContext {
  if ('path' in source) return readContext([source.path], source.context)
  if ('inCluster' in source) return podContext(environment, serviceAccount)
  const named = (environment.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '')
  if (named.length > 0) return readContext(named)
  const ofUser = join(environment.HOME ?? environment.USERPROFILE ?? '', '.kube', 'config')
  if (existsSync(ofUser)) return readContext([ofUser])
  if (existsSync(join(serviceAccount, 'token'))) return podContext(environment, serviceAccount)
  return { cluster: { server: 'http://localhost:8080', extensions: [] }, user: {}, namespace: undefined }
}

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
function podContext(
  { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port }: Environment,
  serviceAccount: string,
): ChosenContext {
  if (!host || !port) {
    throw new Error('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no pod')
  }
  const namespaceFile = join(serviceAccount, 'namespace')
  return {
    cluster: {
      server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      'certificate-authority': join(serviceAccount, 'ca.crt'),
      extensions: [],
    },
    user: { tokenFile: join(serviceAccount, 'token') },
    namespace: existsSync(namespaceFile) ? readFileSync(namespaceFile, 'utf8').trim() : undefined,
  }
}

function open({ cluster, user, namespace }: ChosenContext, surroundings: Surroundings): KubeConfig {
  check({ cluster, user })
  const credentials = createCredentials(cluster, user, {
    environment: process.env,
    ...surroundings,
  })
  const connect = createConnections(cluster)
  return {
    server: cluster.server.replace(/\/+$/, ''),
    namespace,
    authorize: async () => {
      const { headers, tls, refused } = await credentials()
      return { headers, dispatcher: connect(tls), refused }
    },
  }
}

/** What would otherwise fail at the first call, over and over. */
function check({ cluster, user }: Pick<ChosenContext, 'cluster' | 'user'>): void {
  if (!URL.canParse(cluster.server)) throw new Error(`the server "${cluster.server}" is no URL`)
  if (cluster['proxy-url']?.startsWith('socks')) throw new Error('SOCKS proxies are not supported')
  if (isPlain(cluster.server) && !cluster['insecure-skip-tls-verify'] && !cluster['proxy-url']) {
    throw new Error(`the server ${cluster.server} is not reached over TLS: say insecure-skip-tls-verify if it is meant`)
  }
  const files = [cluster['certificate-authority'], user['client-certificate'], user['client-key'], user.tokenFile]
  for (const file of files) if (file !== undefined) accessSync(file, constants.R_OK)
}

/** Secrets would be told to everybody on the way; on loopback there is no one to fear. */
function isPlain(server: string): boolean {
  const { protocol, hostname } = new URL(server)
  return protocol === 'http:' && !/^(127\.[0-9.]+|localhost|\[::1\])$/.test(hostname)
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text
}
