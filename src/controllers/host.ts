import { fileURLToPath } from 'node:url'
import type { KubeConfig } from '../platform/kubernetes/client.ts'
import type { Log } from '../platform/log.ts'
import {
  createDockerHost,
  createPodsHost,
  createProcessHost,
  type DockerHost,
  type PodsHost,
  type ProcessHost,
} from './hosts/index.ts'
import type { ControllerSettings } from './settings.ts'

/** The reference engine as an image of the process runtime, under the name that standalone's EngineVersion has. */
export const builtInEngineImage = 'galaxy-engine:1.0.0'

const engineProgram = fileURLToPath(new URL('../engine/main.ts', import.meta.url))

/** The driver that the settings name. */
export async function createHost(
  { runtime }: ControllerSettings,
  config: KubeConfig,
  log: Log,
): Promise<DockerHost | PodsHost | ProcessHost> {
  switch (runtime.kind) {
    case 'docker':
      return createDockerHost({ ...runtime, log })
    case 'pods':
      return createPodsHost({ ...runtime, config, log })
    case 'process':
      return createProcessHost({
        dir: runtime.dir,
        images: { [builtInEngineImage]: [process.execPath, '--disable-warning=ExperimentalWarning', engineProgram] },
        allowFileImages: true,
        log,
      })
  }
}
