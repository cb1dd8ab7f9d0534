import type { Log } from '../platform/log.ts'
import type { Environment } from '../platform/settings.ts'
import { untilOk } from './until-ok.ts'
import { controllerEnvironment } from './controller-environment.ts'
import type { Keys } from './keys.ts'
import type { Layout } from './layout.ts'
import type { Ports } from './ports.ts'
import type { Part } from './running-parts.ts'

/** The parts that may run as a process of their own instead, against the same data directory. */
export const optionalParts = ['controller'] as const
export type OptionalPart = (typeof optionalParts)[number]

/** Where the parts that are up can be reached. */
export type Addresses = {
  database?: string | undefined
  kubeApi?: string | undefined
  controller?: string | undefined
  controllerMetrics?: string | undefined
}

export type PartsOptions = {
  layout: Layout
  keys: Keys
  ports: Ports
  without: readonly OptionalPart[]
  environment: Environment
  log: Log
  /** Written by the parts as they come up. */
  addresses: Addresses
}

/**
 * What runs, in the order of starting. The modules behind are imported while Postgres starts, in a process of its own:
 * the two take about as long as one another.
 */
export function createParts(options: PartsOptions): Part[] {
  const parts = [postgresPart(options), resourceServerPart(options)]
  return options.without.includes('controller') ? parts : [...parts, controllerPart(options)]
}

function postgresPart({ layout, log, addresses, without }: PartsOptions): Part {
  return {
    name: 'Postgres',
    stopWithinMs: 20_000,
    start: async () => {
      const { startPostgres } = await import('./postgres/index.ts')
      const starting = startPostgres({ dir: layout.postgres, log: log.child({ part: 'postgres' }) })
      const [{ migrate }, postgres] = await Promise.all([preload(without), starting])
      await migrate({ url: postgres.url, log })
      addresses.database = postgres.url
      return postgres
    },
  }
}

/** Waits for the migrations only: the others are awaited where they are needed. */
async function preload(without: readonly OptionalPart[]) {
  const migrations = import('../platform/migrate.ts')
  const others = [import('./resource-server.ts'), ...(without.includes('controller') ? [] : [importController()])]
  for (const module of others) module.catch(() => undefined)
  return migrations
}

const importController = () => import('../controllers/index.ts')

function resourceServerPart({ layout, keys, ports, log, addresses }: PartsOptions): Part {
  return {
    name: 'the Kubernetes API',
    stopWithinMs: 10_000,
    start: async () => {
      const { startSeededServer } = await import('./resource-server.ts')
      const { database: databaseUrl = '' } = addresses
      const listen = ports.address('kubeApi')
      const server = await startSeededServer({ databaseUrl, listen, keys, layout, log: log.child({ part: 'kube' }) })
      ports.learn('kubeApi', server.url)
      addresses.kubeApi = server.url
      return server
    },
  }
}

/** What holds only for the controller inside `galaxy up`. */
const ownController = {
  // The data directory's lock lets one run at a time, so it may take up a killed predecessor's lease at once.
  CONTROLLER_IDENTITY: 'galaxy-up',
  // Engines must not outlive a Ctrl-C; those that a kill leaves behind are adopted by the next start.
  CONTROLLER_STOP_ENGINES_ON_EXIT: 'true',
}

function controllerPart({ layout, ports, environment, log, addresses }: PartsOptions): Part {
  return {
    name: 'the controller',
    stopWithinMs: 60_000,
    start: async () => {
      const { readControllerSettings, startController } = await importController()
      const settings = readControllerSettings({
        ...environment,
        ...ownController,
        ...controllerEnvironment(layout, {
          http: ports.address('controller'),
          metrics: ports.address('controllerMetrics'),
        }),
      })
      const controller = await startController({ settings, log: log.child({ part: 'controller' }) })
      ports.learn('controller', controller.url)
      if (controller.metricsUrl !== undefined) ports.learn('controllerMetrics', controller.metricsUrl)
      addresses.controller = controller.url
      addresses.controllerMetrics = controller.metricsUrl
      await untilOk(`${controller.url}/readyz`).catch(async (error: unknown) => {
        await controller[Symbol.asyncDispose]()
        throw error
      })
      return controller
    },
  }
}
