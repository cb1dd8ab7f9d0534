import { createAuthenticator } from './authenticator.ts'
import type { Environment } from '../settings.ts'
import { keepFile } from './kept-file.ts'
import type { KubeconfigCluster, KubeconfigUser } from './kubeconfig-file.ts'

/** What TLS is told of the server's certificate and of ours: PEM. */
export type TlsMaterial = { ca: string | undefined; cert: string | undefined; key: string | undefined }

/** What the next call has to bring. */
export type Credentials = {
  headers: Record<string, string>
  tls: TlsMaterial
  /** To be called when a server does not take them. False: others will not be had. */
  refused: () => boolean
}

/** What plugins are run with; the process's own unless a test brings its own. */
export type CredentialSurroundings = { environment: Environment; isTerminal?: boolean; nowMs?: () => number }

/**
 * Tells before each call how to make it, since certificates and tokens are renewed meanwhile: files are read again, and
 * programs and token services asked again once what they said has run out, or a server refuses it.
 * @throws Error for a way to authenticate that is not supported
 */
export function createCredentials(
  cluster: KubeconfigCluster,
  user: KubeconfigUser,
  { environment, isTerminal = process.stdin.isTTY, nowMs = Date.now }: CredentialSurroundings,
): () => Promise<Credentials> {
  const ca = pem(cluster['certificate-authority-data'], cluster['certificate-authority'])
  const authenticate = createAuthenticator(user, {
    environment,
    isTerminal,
    nowMs,
    describeCluster: async () => describeCluster(cluster, await ca()),
  })
  const cert = pem(user['client-certificate-data'], user['client-certificate'])
  const key = pem(user['client-key-data'], user['client-key'])
  const file = user.token === undefined && user.tokenFile !== undefined ? keepFile(user.tokenFile) : undefined

  return async () => {
    const added = await authenticate?.()
    const token = file ? await file() : user.token
    return {
      headers: { ...added?.headers, ...ownHeaders(user, token) },
      tls: { ca: await ca(), cert: (await cert()) ?? added?.cert, key: (await key()) ?? added?.key },
      refused: () => {
        added?.refused?.()
        file?.refused()
        return file !== undefined || added?.refused !== undefined
      },
    }
  }
}

/** https://kubernetes.io/docs/reference/config-api/client-authentication.v1/#client-authentication-k8s-io-v1-Cluster */
function describeCluster(cluster: KubeconfigCluster, ca: string | undefined): object {
  const { server, extensions, 'tls-server-name': name, 'proxy-url': proxy } = cluster
  const config = extensions.find((each) => each.name === 'client.authentication.k8s.io/exec')?.extension
  return {
    server,
    ...(name !== undefined && { 'tls-server-name': name }),
    ...(cluster['insecure-skip-tls-verify'] && { 'insecure-skip-tls-verify': true }),
    ...(ca !== undefined && { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
    ...(proxy !== undefined && { 'proxy-url': proxy }),
    ...(config !== undefined && { config }),
  }
}

function ownHeaders({ username, password = '', as }: KubeconfigUser, token: string | undefined) {
  const basic = username && `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const authorization = token ? `Bearer ${token.trim()}` : basic
  return { ...(authorization ? { Authorization: authorization } : {}), ...(as ? { 'Impersonate-User': as } : {}) }
}

/** What is written in the kubeconfig itself counts before a file that it names, as with kubectl. */
function dataOrFile(data: string | undefined, file: string | undefined): () => Promise<string | undefined> {
  if (data !== undefined) return async () => data
  return file === undefined ? async () => undefined : keepFile(file)
}

function pem(base64: string | undefined, file: string | undefined) {
  return dataOrFile(base64 && Buffer.from(base64, 'base64').toString('utf8'), file)
}
