import type { ControllerSettings } from '../../controllers/index.ts'
import type { Log } from '../../platform/log.ts'
import { requireDocker } from '../docker-daemon.ts'
import { controllerEnvironment } from '../environments.ts'
import type { Part } from '../running-parts.ts'
import { untilOk } from '../until-ok.ts'
import type { PartsOptions } from './options.ts'

/** The data directory's lock lets one run at a time, so it may take up a killed predecessor's lease at once. */
const ownIdentity = { CONTROLLER_IDENTITY: 'galaxy-up' }

/** The controllers, with engines as child processes or in containers. */
export function controllerPart({ layout, ports, runtime, environment, log, addresses }: PartsOptions): Part {
  async function readSettings(): Promise<ControllerSettings> {
    // Not through the room's index: that would load all of the controller before Postgres is even told to start.
    const { readControllerSettings } = await import('../../controllers/settings.ts')
    const addressesToTake = { http: ports.address('controller'), metrics: ports.address('controllerMetrics') }
    const ours = controllerEnvironment(layout, addressesToTake, environment)
    return readControllerSettings({ ...environment, ...ownIdentity, ...ours, CONTROLLER_RUNTIME: runtime })
  }

  return {
    name: 'the controller',
    stopWithinMs: 60_000,
    check: async () => {
      const { runtime } = await readSettings()
      if (runtime.kind !== 'docker') return
      const { builtInEngineImage: image } = await import('../../controllers/host.ts')
      await requireDocker({ socket: runtime.socket, image, environment })
    },
    start: async () => {
      const controller = await startAnsweringController(await readSettings(), log.child({ part: 'controller' }))
      ports.learn('controller', controller.url)
      ports.learn('controllerMetrics', controller.metricsUrl)
      addresses.controller = controller.url
      addresses.controllerMetrics = controller.metricsUrl
      return controller
    },
  }
}

/**
 * A controller that has seen all Games. The engines end with it, so that none outlives a Ctrl-C (those that a kill leaves
 * behind are adopted by the next start), but run on when it is only suspended.
 */
async function startAnsweringController(settings: ControllerSettings, log: Log) {
  const { startController } = await import('../../controllers/index.ts')
  await using stack = new AsyncDisposableStack()
  const controller = stack.use(await startController({ settings, log }))
  await untilOk(`${controller.url}/readyz`)
  stack.move()
  const { url, metricsUrl, failed } = controller
  const suspend = async () => controller[Symbol.asyncDispose]()
  return { url, metricsUrl, failed, suspend, [Symbol.asyncDispose]: controller.stopWithEngines }
}
