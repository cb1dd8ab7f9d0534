import type { ApiSettings } from '../../api/index.ts'
import { apiEnvironment } from '../environments.ts'
import type { Part } from '../running-parts.ts'
import { untilOk } from '../until-ok.ts'
import type { PartsOptions } from './options.ts'

/** What the settings are checked with before the parts that the api needs are up. */
const notYet = { database: 'postgres://127.0.0.1/postgres', smtp: 'smtp://127.0.0.1' }

/** Accounts, mail, push and the players' way to their games. */
export function apiPart({ layout, ports, environment, log, addresses }: PartsOptions): Part {
  async function readSettings(): Promise<ApiSettings> {
    // Not through the room's index: that would load all of the api before Postgres is even told to start.
    const { readApiSettings } = await import('../../api/settings.ts')
    const { database = notYet.database, smtp = notYet.smtp } = addresses
    const listeners = {
      http: ports.address('api'),
      push: ports.address('push'),
      metrics: ports.address('apiMetrics'),
    }
    const needs = { database, smtp, controller: addresses.controller ?? usualController() }
    return readApiSettings({ ...environment, ...apiEnvironment(layout, { ...listeners, ...needs }, environment) })
  }

  /** Where a controller that runs as a process of its own is expected. */
  function usualController(): string | undefined {
    const { host, port } = ports.address('controller')
    return port === 0 ? undefined : `http://${host}:${port}`
  }

  return {
    name: 'the api',
    // Postgres comes back at another port. Where the Kubernetes API is, it stays.
    restartsWith: ['Postgres'],
    stopWithinMs: 40_000,
    check: async () => void (await readSettings()),
    start: async () => {
      const { startApi } = await import('../../api/index.ts')
      await using stack = new AsyncDisposableStack()
      const api = stack.use(await startApi({ settings: await readSettings(), log: log.child({ part: 'api' }) }))
      await untilOk(`${api.url}/readyz`)
      stack.move()
      ports.learn('api', api.url)
      ports.learn('push', api.pushUrl)
      ports.learn('apiMetrics', api.metricsUrl)
      addresses.api = api.url
      addresses.push = api.pushUrl
      addresses.apiMetrics = api.metricsUrl
      return api
    },
  }
}
