import type { Log } from '../platform/log.ts'
import type { Environment } from '../platform/settings.ts'
import { bannerText } from './banner.ts'
import { type DataDir, openDataDir } from './data-dir.ts'
import { removeEndpoints, writeEndpoints } from './endpoints.ts'
import { keepKeys } from './keys.ts'
import { type Addresses, createParts, type EngineRuntime, type OptionalPart } from './parts/index.ts'
import { createPorts, type ListenerName, listenerNames, type PortMode, type Ports, refuseTakenPorts } from './ports.ts'
import { supervise } from './supervisor.ts'

export type StandaloneOptions = {
  dataDir: string
  ports: PortMode
  /** Files of resources to apply once everything is up. */
  apply: readonly string[]
  without: readonly OptionalPart[]
  runtime: EngineRuntime
  /** Further settings of the processes, such as CONTROLLER_NAMESPACES. */
  environment: Environment
  log: Log
  stop: AbortSignal
  /** Where the banner goes. */
  print: (text: string) => void
}

/**
 * Runs the platform on embedded defaults; resolves once it is ready, and says so in `endpoints.json`.
 * @throws StartupError when the data directory, a port, a setting or a file to apply is wrong
 * @throws the reason of `stop`, when that fires before all is up
 */
export async function startStandalone(options: StandaloneOptions): Promise<AsyncDisposable> {
  const { log, stop, without, runtime, environment } = options
  await using stack = new AsyncDisposableStack()
  const layout = stack.use(await openDataDir(options.dataDir))
  const keys = await keepKeys(layout)
  const ports = createPorts(options.ports)
  if (options.ports === 'default') await refuseTakenPorts(ports, listenersOf(without))
  const addresses: Addresses = {}
  const parts = createParts({ layout, keys, ports, without, runtime, environment, log, addresses })
  stack.use(
    await supervise({
      parts,
      log,
      stop,
      onUp: whenUp({ ...options, layout, addresses, ports }),
      onDown: () => announce(layout, addresses, false),
    }),
  )
  // First thing at shutdown: nobody should come any more.
  stack.defer(() => removeEndpoints(layout))
  return stack.move()
}

const listenersOfPart: Record<OptionalPart, readonly ListenerName[]> = {
  api: ['api', 'push', 'apiMetrics'],
  controller: ['controller', 'controllerMetrics'],
  edge: ['edgePublic', 'edgeAuth', 'edgeAdmin'],
}

function listenersOf(without: readonly OptionalPart[]): readonly ListenerName[] {
  const left = new Set(without.flatMap((part) => listenersOfPart[part]))
  return listenerNames.filter((name) => !left.has(name))
}

type Up = Omit<StandaloneOptions, 'ports'> & { layout: DataDir; addresses: Addresses; ports: Ports }

/** The first time: applies the files and greets. Later, after a repair: only says that it is up again. */
function whenUp({ layout, addresses, ports, without, runtime, apply, log, print }: Up): () => Promise<void> {
  let first = true
  return async () => {
    if (first && apply.length > 0) {
      const { applyFiles } = await import('./apply-files.ts')
      await applyFiles(layout.kubeconfig, apply, (line) => log.info(line))
    }
    await announce(layout, addresses, true)
    if (first) print(bannerText({ addresses, layout, ports, without, runtime, cwd: process.cwd() }))
    else log.info('everything is up again')
    first = false
  }
}

function announce(layout: DataDir, addresses: Addresses, ready: boolean): Promise<void> {
  const { database: _secret, ...reachable } = addresses
  const { kubeconfig, serviceToken: serviceTokenFile, adminPassword: adminPasswordFile } = layout
  return writeEndpoints(layout, {
    ready,
    pid: process.pid,
    ...reachable,
    kubeconfig,
    serviceTokenFile,
    adminPasswordFile,
  })
}
