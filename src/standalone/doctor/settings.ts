import { readApiSettings } from '../../api/index.ts'
import { readControllerSettings } from '../../controllers/index.ts'
import { readEdgeSettings } from '../../edge/index.ts'
import { readEngineSettings } from '../../engine/index.ts'
import type { Environment } from '../../platform/settings.ts'
import { apiEnvironment, controllerEnvironment, edgeEnvironment } from '../environments.ts'
import type { Layout } from '../layout.ts'
import { readOwnSettings } from '../own-settings.ts'
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
    checkThat('settings of the api', () => {
      const listeners = {
        http: ports.address('api'),
        push: ports.address('push'),
        metrics: ports.address('apiMetrics'),
      }
      const needs = { database: 'postgres://127.0.0.1/postgres', smtp: 'smtp://127.0.0.1' }
      readApiSettings({ ...apiEnvironment(layout, { ...listeners, ...needs }, environment), ...environment })
      return given(environment, 'BACKEND_')
    }),
    checkThat('settings of the edge', () => {
      const listeners = {
        publicHttp: ports.address('edgePublic'),
        auth: ports.address('edgeAuth'),
        admin: ports.address('edgeAdmin'),
      }
      const backend = { api: 'http://127.0.0.1', push: 'http://127.0.0.1' }
      readEdgeSettings({ ...edgeEnvironment(layout, { ...listeners, ...backend }, environment), ...environment })
      return given(environment, 'GATEWAY_')
    }),
    checkThat('settings of galaxy up', () => `GALAXY_LOG_LEVEL=${readOwnSettings(environment).logLevel}`),
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
