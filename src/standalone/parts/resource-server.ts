import type { Part } from '../running-parts.ts'
import type { PartsOptions } from './options.ts'

/** The Kubernetes API that kubectl and the controllers speak to. */
export function resourceServerPart({ layout, keys, ports, log, addresses }: PartsOptions): Part {
  return {
    name: 'the Kubernetes API',
    // Postgres comes back at another port.
    restartsWith: ['Postgres'],
    stopWithinMs: 10_000,
    start: async () => {
      const { startSeededServer } = await import('./seeded-server.ts')
      const { database: databaseUrl = '' } = addresses
      const listen = ports.address('kubeApi')
      const server = await startSeededServer({ databaseUrl, listen, keys, layout, log: log.child({ part: 'kube' }) })
      ports.learn('kubeApi', server.url)
      // Plain HTTP is answered there, too; a token belongs into TLS.
      addresses.kubeApi = server.url.replace(/^http:/, 'https:')
      return server
    },
  }
}
