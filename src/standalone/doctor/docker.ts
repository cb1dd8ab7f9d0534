import { builtInEngineImage, readControllerSettings } from '../../controllers/index.ts'
import type { Environment } from '../../platform/settings.ts'
import { requireDocker } from '../docker-daemon.ts'
import { type Check, checkThat } from './finding.ts'

/** That `galaxy up --runtime docker` would find its daemon, and the engine's image there. */
export function dockerCheck(environment: Environment): Check {
  return checkThat('Docker', async () => {
    const { runtime } = readControllerSettings({ ...environment, CONTROLLER_RUNTIME: 'docker' })
    if (runtime.kind !== 'docker') return 'not used'
    await requireDocker({ socket: runtime.socket, image: builtInEngineImage, environment })
    return `${runtime.socket} answers, and has ${builtInEngineImage}`
  })
}
