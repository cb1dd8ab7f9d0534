import { messageOf, StartupError } from '../platform/errors.ts'
import { createHttpApp, type Listener, listen } from '../platform/http.ts'
import type { Log } from '../platform/log.ts'
import { type Disk, systemDisk } from './disk.ts'
import { openFence } from './fence.ts'
import { trackCalls } from './calls.ts'
import { watchParent } from './orphan.ts'
import { engineRoutes } from './routes.ts'
import { createEngineService } from './service.ts'
import type { EngineSettings } from './settings.ts'
import { createStateStore } from './state-store.ts'

export type EngineOptions = {
  settings: EngineSettings
  log: Log
  /** Called once when the engine has to end: a newer one has taken over, or nobody needs it. Default: SIGTERM. */
  onStale?: (() => void) | undefined
  disk?: Disk | undefined
}

/**
 * Loads the state, then binds the listener. Disposed of, it finishes the calls it has accepted.
 * @throws StartupError naming the setting or the damaged file
 */
export async function startEngine({
  settings,
  log,
  onStale = endProcess,
  disk = systemDisk,
}: EngineOptions): Promise<Listener> {
  await using stack = new AsyncDisposableStack()
  const service = await openState({ settings, log, onStale, disk })
  const app = createHttpApp({ log: log.child({}, { level: log.level === 'info' ? 'warn' : log.level }) })
  const calls = trackCalls(app)
  await app.register(engineRoutes(service))
  const listener = stack.use(await listen(app, settings.listen, 'setting GALAXY_ENGINE_PORT'))
  if (settings.orphanGraceMs !== undefined) {
    stack.use(watchParent({ graceMs: settings.orphanGraceMs, lastCallMs: calls.lastMs, onOrphaned: onStale, log }))
  }
  stack.defer(service.idle)
  stack.defer(calls.finished)
  log.info({ url: listener.url, stateDir: settings.stateDir }, 'engine is up')
  const held = stack.move()
  return { url: listener.url, port: listener.port, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

type StateNeeds = { settings: EngineSettings; log: Log; onStale: () => void; disk: Disk }

async function openState({ settings, log, onStale, disk }: StateNeeds) {
  const { stateDir: dir, epoch } = settings
  try {
    const fence = await openFence({
      dir,
      disk,
      epoch,
      onStale: () => {
        log.warn('a newer engine has taken over; this one ends')
        onStale()
      },
    })
    const store = createStateStore({ dir, disk, fence })
    await store.prepare()
    await store.removeLeftovers()
    const service = createEngineService({ store, fence, log })
    const turn = await service.load()
    log.info({ turn, epoch: fence.epoch() }, turn === undefined ? 'not initialised yet' : 'state loaded')
    return service
  } catch (error) {
    if (error instanceof StartupError) throw error
    throw new StartupError(`setting GALAXY_STATE_DIR: ${dir} cannot be used: ${messageOf(error)}`, { cause: error })
  }
}

function endProcess(): void {
  process.kill(process.pid, 'SIGTERM')
}
