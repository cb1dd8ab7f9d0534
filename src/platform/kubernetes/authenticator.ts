import type { RequestOptions } from 'node:https'
import type { User } from '@kubernetes/client-node'
import type { Authenticator } from '@kubernetes/client-node/dist/auth.js'
import { z } from 'zod'
import type { KubeconfigUser } from './kubeconfig-file.ts'

const Added = z.object({
  headers: z.record(z.string(), z.string()),
  cert: z.string().optional(),
  key: z.string().optional(),
})

/** The headers and the certificate that a program or a token service hands out for the next call. */
export type Authenticate = () => Promise<z.infer<typeof Added>>

/**
 * The ways to authenticate that are left to the library: programs and token services. Undefined where the user has none.
 * Each is loaded by itself, and only for a user that has it: all of the library takes 300 ms and 80 MB.
 * @throws Error for one that the library does not know
 */
export function createAuthenticator({ exec, 'auth-provider': authProvider }: KubeconfigUser): Authenticate | undefined {
  if (!exec && !authProvider) return undefined
  const load = loaderOf(exec ? 'exec' : authProvider?.['name'])
  const user: User = { name: 'user', exec, authProvider }
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
    case 'exec':
      return async () => new (await import('@kubernetes/client-node/dist/exec_auth.js')).ExecAuth()
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
