import { type Clock, systemClock } from '../platform/clock.ts'
import { messageOf, StartupError } from '../platform/errors.ts'
import { countRequests } from '../platform/drain.ts'
import { createHttpApp, listen, type Listener } from '../platform/http.ts'
import type { Log } from '../platform/log.ts'
import { openGame } from './game.ts'
import { watchForOrphaning } from './orphan.ts'
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
  const { settings, log, clock = systemClock, disk = nodeDisk, onStale = endSelf, onOrphaned = endSelf } = options
  await using resources = new AsyncDisposableStack()
  await makeStateDir(disk, settings.stateDir)
  const store = createStore({ dir: settings.stateDir, disk })
  const game = await openGame({ store, log, epoch: settings.epoch, onStale })
  // Requests are logged when someone looks for trouble only: a healthy engine is asked for its health all day.
  const app = createHttpApp({ log: log.isLevelEnabled('debug') ? log : log.child({}, { level: 'warn' }) })
  const calls = countRequests(app, () => true)
  if (settings.orphanGraceMs !== undefined) {
    const parent = () => process.ppid
    const orphan = watchForOrphaning({ graceMs: settings.orphanGraceMs, clock, parent, onOrphaned })
    resources.use(orphan)
    app.addHook('onRequest', async () => orphan.called())
  }
  await app.register(gameRoutes(game))
  const listener = resources.use(await listen(app, settings.listen, 'GALAXY_ENGINE_PORT'))
  resources.defer(game.idle)
  resources.defer(async () => void (await calls.finish(maxWaitMs)))
  log.info({ url: listener.url, epoch: settings.epoch }, 'engine listening')
  const owned = resources.move()
  return { url: listener.url, port: listener.port, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function makeStateDir(disk: Disk, dir: string): Promise<void> {
  try {
    await disk.makeFolder(dir, { recursive: true })
    await disk.list(dir)
  } catch (error) {
    throw new StartupError(`setting GALAXY_STATE_DIR: cannot use ${dir}: ${messageOf(error)}`)
  }
}

/** Ends the process the way its supervisor would: what drains on SIGTERM drains now. */
function endSelf(): void {
  process.kill(process.pid, 'SIGTERM')
}
