import { fileURLToPath } from 'node:url'
import type { Log } from '../platform/log.ts'
import { createProcessHost } from './hosts/index.ts'
import type { ControllerSettings } from './settings.ts'

/** The reference engine as an image of the process runtime, under the name that standalone's EngineVersion has. */
export const builtInEngineImage = 'galaxy-engine:1.0.0'

const engineProgram = fileURLToPath(new URL('../engine/main.ts', import.meta.url))

/** The driver that the settings name. */
export function createHost({ runtime }: ControllerSettings, log: Log) {
  return createProcessHost({
    dir: runtime.dir,
    images: { [builtInEngineImage]: [process.execPath, '--disable-warning=ExperimentalWarning', engineProgram] },
    allowFileImages: true,
    log,
  })
}
