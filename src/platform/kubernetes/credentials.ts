import { createAuthenticator } from './authenticator.ts'
import { keepFile, type KeptFile } from './kept-file.ts'
import type { KubeconfigCluster, KubeconfigUser } from './kubeconfig-file.ts'

/** What TLS is told of the server's certificate and of ours: PEM. */
export type TlsMaterial = { ca: string | undefined; cert: string | undefined; key: string | undefined }

/** What the next call has to bring. */
export type Credentials = { headers: Record<string, string>; tls: TlsMaterial }

/**
 * Tells before each call how to make it, since certificates and tokens are renewed meanwhile: files are read again, and
 * programs and token services asked again once what they said has run out.
 * @throws Error for a way to authenticate that is not supported
 */
export function createCredentials(cluster: KubeconfigCluster, user: KubeconfigUser): () => Promise<Credentials> {
  const authenticate = createAuthenticator(user)
  const ca = pem(cluster['certificate-authority-data'], cluster['certificate-authority'])
  const cert = pem(user['client-certificate-data'], user['client-certificate'])
  const key = pem(user['client-key-data'], user['client-key'])
  const token = dataOrFile(user.token, user.tokenFile)

  return async () => {
    const added = await authenticate?.()
    return {
      headers: { ...added?.headers, ...ownHeaders(user, await token()) },
      tls: { ca: await ca(), cert: (await cert()) ?? added?.cert, key: (await key()) ?? added?.key },
    }
  }
}

function ownHeaders({ username, password = '', as }: KubeconfigUser, token: string | undefined) {
  const basic = username && `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const authorization = token ? `Bearer ${token.trim()}` : basic
  return { ...(authorization ? { Authorization: authorization } : {}), ...(as ? { 'Impersonate-User': as } : {}) }
}

/** What is written in the kubeconfig itself counts before a file that it names, as with kubectl. */
function dataOrFile(data: string | undefined, file: string | undefined): KeptFile | (() => Promise<undefined>) {
  if (data !== undefined) return async () => data
  return file === undefined ? async () => undefined : keepFile(file)
}

function pem(base64: string | undefined, file: string | undefined) {
  return dataOrFile(base64 && Buffer.from(base64, 'base64').toString('utf8'), file)
}
