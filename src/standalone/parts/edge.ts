import type { EdgeSettings } from '../../edge/index.ts'
import { edgeEnvironment } from '../environments.ts'
import type { Part } from '../running-parts.ts'
import { untilOk } from '../until-ok.ts'
import type { PartsOptions } from './options.ts'

/** The players' way in. */
export function edgePart({ layout, ports, without, environment, log, addresses }: PartsOptions): Part {
  async function readSettings(): Promise<EdgeSettings> {
    // Not through the room's index: that would load all of the edge before Postgres is even told to start.
    const { readEdgeSettings } = await import('../../edge/settings.ts')
    const listeners = {
      publicHttp: ports.address('edgePublic'),
      auth: ports.address('edgeAuth'),
      admin: ports.address('edgeAdmin'),
    }
    const backend = without.includes('api') ? apiElsewhere() : { api: urlOf('api'), push: urlOf('push') }
    return readEdgeSettings({ ...environment, ...edgeEnvironment(layout, { ...listeners, ...backend }, environment) })
  }

  /** Before the api is up, something to check the settings with. */
  function urlOf(name: 'api' | 'push'): string {
    return addresses[name] ?? 'http://127.0.0.1'
  }

  /** Where an api that runs as a process of its own is expected: at its usual ports, or where the environment says. */
  function apiElsewhere() {
    const usual = (name: 'api' | 'push') => {
      const { host, port } = ports.address(name)
      return port === 0 ? '' : `http://${host}:${port}`
    }
    const { GATEWAY_BACKEND_HTTP_URL: api = usual('api'), GATEWAY_BACKEND_PUSH_URL: push = usual('push') } = environment
    return { api, push }
  }

  return {
    name: 'the edge',
    stopWithinMs: 40_000,
    check: async () => void (await readSettings()),
    start: async () => {
      const { startEdge } = await import('../../edge/index.ts')
      await using stack = new AsyncDisposableStack()
      const edge = stack.use(await startEdge({ settings: await readSettings(), log: log.child({ part: 'edge' }) }))
      await untilOk(`${edge.publicUrl}/readyz`)
      stack.move()
      ports.learn('edgePublic', edge.publicUrl)
      ports.learn('edgeAuth', edge.authUrl)
      ports.learn('edgeAdmin', edge.adminUrl)
      addresses.edgePublic = edge.publicUrl
      addresses.edgeAuth = edge.authUrl
      addresses.edgeAdmin = edge.adminUrl
      return edge
    },
  }
}
