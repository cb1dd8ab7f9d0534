import { readControllerSettings } from '../../controllers/index.ts'
import { readEngineSettings } from '../../engine/index.ts'
import type { Environment } from '../../platform/settings.ts'
import { controllerEnvironment } from '../controller-environment.ts'
import type { Layout } from '../layout.ts'
import { createPorts } from '../ports.ts'
import { type Check, checkThat } from './finding.ts'

/** The environment as `galaxy up` would hand it to each process. */
export function settingsChecks(environment: Environment, layout: Layout): Check[] {
  const ports = createPorts('default')
  return [
    checkThat('settings of the controller', () => {
      const ours = controllerEnvironment(layout, {
        http: ports.address('controller'),
        metrics: ports.address('controllerMetrics'),
      })
      readControllerSettings({ ...ours, ...environment })
      return given(environment, 'CONTROLLER_')
    }),
    checkThat('settings of the engine', () => {
      readEngineSettings(environment)
      return given(environment, 'GALAXY_')
    }),
  ]
}

function given(environment: Environment, prefix: string): string {
  const names = Object.keys(environment).filter((name) => name.startsWith(prefix) && environment[name])
  return names.length === 0 ? 'the defaults' : `in order (given: ${names.sort().join(', ')})`
}
