import type { RequestOptions } from 'node:https'
import type { User } from '@kubernetes/client-node'
import type { Authenticator } from '@kubernetes/client-node/dist/auth.js'
import { z } from 'zod'
import type { Environment } from '../settings.ts'
import { runPlugin } from './exec-plugin.ts'
import type { KubeconfigUser } from './kubeconfig-file.ts'
import { keepCredential } from './plugin-credentials.ts'

const Added = z.object({
  headers: z.record(z.string(), z.string()),
  cert: z.string().optional(),
  key: z.string().optional(),
})

/** What a program or a token service hands out for the next call. */
export type AddedCredentials = z.infer<typeof Added> & {
  /** For a server that did not take it; absent where asking again would bring the same. */
  refused?: () => void
}
export type Authenticate = () => Promise<AddedCredentials>

/** What exec plugins are run with. */
export type PluginSurroundings = {
  environment: Environment
  isTerminal: boolean
  nowMs: () => number
  /** The cluster as plugins are told of it. */
  describeCluster: () => Promise<object>
}

/**
 * The ways to authenticate that are more than a text: exec plugins, and the token services that are left to the library.
 * Undefined where the user has none.
 * @throws Error for one that is not known
 */
export function createAuthenticator(
  { exec, 'auth-provider': authProvider }: KubeconfigUser,
  surroundings: PluginSurroundings,
): Authenticate | undefined {
  if (exec) return createPlugin(exec, surroundings)
  return authProvider ? createTokenService(authProvider) : undefined
}

function createPlugin(
  exec: NonNullable<KubeconfigUser['exec']>,
  { environment, isTerminal, nowMs, describeCluster }: PluginSurroundings,
): Authenticate {
  const credentials = keepCredential(
    async () => runPlugin({ exec, environment, isTerminal, cluster: await describeCluster() }),
    nowMs,
  )
  return async () => {
    const credential = await credentials.get()
    const { token, cert, key } = credential
    return {
      headers: token ? { Authorization: `Bearer ${token}` } : {},
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      refused: () => credentials.refused(credential),
    }
  }
}

/** Each is loaded by itself, and only for a user that has it: all of the library takes 300 ms and 80 MB. */
function createTokenService(authProvider: NonNullable<KubeconfigUser['auth-provider']>): Authenticate {
  const load = loaderOf(authProvider['name'])
  const user: User = { name: 'user', authProvider }
  let loading: Promise<Authenticator> | undefined
  return async () => {
    const authenticator = await (loading ??= load())
    const options: RequestOptions = { headers: {} }
    await authenticator.applyAuthentication(user, options)
    return Added.parse(options)
  }
}

function loaderOf(way: unknown): () => Promise<Authenticator> {
  switch (way) {
    case 'oidc':
      return async () => new (await import('@kubernetes/client-node/dist/oidc_auth.js')).OpenIDConnectAuth()
    case 'gcp':
      return async () => new (await import('@kubernetes/client-node/dist/gcp_auth.js')).GoogleCloudPlatformAuth()
    case 'azure':
      return async () => new (await import('@kubernetes/client-node/dist/azure_auth.js')).AzureAuth()
    default:
      throw new Error(`the auth-provider "${String(way)}" is not supported`)
  }
}
