import type { Environment } from '../../platform/settings.ts'
import { layoutOf } from '../layout.ts'
import type { EngineRuntime } from '../parts/index.ts'
import type { PortMode } from '../ports.ts'
import { resolveDataDir } from '../usable-path.ts'
import { certificateChecks } from './certificates.ts'
import { dockerCheck } from './docker.ts'
import { dependencyChecks, readinessCheck } from './dependencies.ts'
import { checkThat, type Finding } from './finding.ts'
import { kubeApiCheck, portChecks } from './network.ts'
import { checkKubectl, checkNode, checkPostgres } from './programs.ts'
import { settingsChecks } from './settings.ts'
import { storageChecks } from './storage.ts'

export type { Finding } from './finding.ts'

export type ExamineOptions = { dataDir: string; ports: PortMode; runtime: EngineRuntime; environment: Environment }

/** Looks at everything that a process here would need; tells one by one, and changes nothing. */
export async function* examine(options: ExamineOptions): AsyncGenerator<Finding, void> {
  const { dataDir, ports, runtime, environment } = options
  const wrongPath = await checkThat('data directory', () => resolveDataDir(dataDir))()
  if (wrongPath.some(({ state }) => state === 'fail')) return yield* wrongPath
  const layout = layoutOf(resolveDataDir(dataDir))
  const checks = [
    checkNode,
    ...settingsChecks(environment, layout),
    ...storageChecks(layout),
    ...certificateChecks(environment, layout),
    checkPostgres,
    ...(runtime === 'docker' ? [dockerCheck(environment)] : []),
    ...(ports === 'default' ? portChecks(layout) : []),
    kubeApiCheck(layout),
    readinessCheck(layout),
    ...dependencyChecks(environment),
    checkKubectl,
  ]
  for (const check of checks) yield* await check()
}
