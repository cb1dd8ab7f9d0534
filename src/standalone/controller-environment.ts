import type { ListenAddress } from '../platform/settings.ts'
import type { Layout } from './layout.ts'

/** The settings of a controller on a data directory: the one inside `galaxy up`, or one started by hand beside it. */
export function controllerEnvironment(
  layout: Layout,
  { http, metrics }: { http: ListenAddress; metrics: ListenAddress },
): Record<string, string> {
  return {
    CONTROLLER_HTTP_ADDR: addressText(http),
    CONTROLLER_METRICS_ADDR: addressText(metrics),
    CONTROLLER_KUBECONFIG: layout.controllerKubeconfig,
    CONTROLLER_SERVICE_TOKEN_FILE: layout.serviceToken,
    CONTROLLER_RUNTIME: 'process',
    CONTROLLER_ALLOW_PROCESS_RUNTIME: 'true',
    CONTROLLER_ENGINE_DIR: layout.engines,
  }
}

function addressText({ host, port }: ListenAddress): string {
  return `${host}:${port}`
}
