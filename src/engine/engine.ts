import { type Clock, steadyClock } from '../platform/clock.ts'
import { messageOf, StartupError } from '../platform/errors.ts'
import type { Listener } from '../platform/http.ts'
import type { Log } from '../platform/log.ts'
import { openGame } from './game.ts'
import { openListener } from './http/listener.ts'
import { type OrphanWatch, watchForOrphaning } from './orphan.ts'
import { gameRoutes } from './routes.ts'
import type { EngineSettings } from './settings.ts'
import { type Disk, nodeDisk } from './state/disk.ts'
import { createStore } from './state/store.ts'

export type EngineOptions = {
  settings: EngineSettings
  log: Log
  clock?: Clock | undefined
  disk?: Disk | undefined
  /** Another engine has taken over: end the process. Without this the engine sends itself SIGTERM. */
  onStale?: (() => void) | undefined
  /** The parent is gone and nobody calls: end the process. Without this the engine sends itself SIGTERM. */
  onOrphaned?: (() => void) | undefined
}

export type Engine = Listener

/** How long a stopping engine waits for callers that do not take their answers. */
const maxWaitMs = 5_000

/**
 * Runs the engine of one game until disposed of, which lets the calls that are being worked on finish.
 * @throws StartupError when the address cannot be bound or the state directory cannot be used
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { settings, log, disk = nodeDisk, onStale = endSelf } = options
  await using resources = new AsyncDisposableStack()
  await makeStateDir(disk, settings.stateDir)
  const store = createStore({ dir: settings.stateDir, disk })
  const game = await openGame({ store, log, epoch: settings.epoch, onStale })
  const orphan = resources.use(watchOrphaning(options))
  const listener = resources.use(
    await openListener({ routes: gameRoutes(game), address: settings.listen, log, onCall: orphan?.called }),
  )
  resources.defer(game.idle)
  resources.defer(async () => void (await listener.finish(maxWaitMs)))
  log.info({ url: listener.url, epoch: settings.epoch }, 'engine listening')
  const owned = resources.move()
  return { url: listener.url, port: listener.port, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

function watchOrphaning({
  settings,
  clock = steadyClock,
  onOrphaned = endSelf,
}: EngineOptions): OrphanWatch | undefined {
  const { orphanGraceMs: graceMs } = settings
  return graceMs === undefined
    ? undefined
    : watchForOrphaning({ graceMs, clock, parent: () => process.ppid, onOrphaned })
}

async function makeStateDir(disk: Disk, dir: string): Promise<void> {
  try {
    await disk.makeFolders(dir)
    await disk.list(dir)
  } catch (error) {
    throw new StartupError(`setting GALAXY_STATE_DIR: cannot use ${dir}: ${messageOf(error)}`)
  }
}

/** Ends the process the way its supervisor would: what drains on SIGTERM drains now. */
function endSelf(): void {
  process.kill(process.pid, 'SIGTERM')
}
