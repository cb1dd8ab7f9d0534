import { join, resolve } from 'node:path'
import { type Clock, systemClock } from '../../../platform/clock.ts'
import { makeFolder } from '../../../platform/files.ts'
import { messageOf } from '../../../platform/errors.ts'
import type { Log } from '../../../platform/log.ts'
import { type EngineInstance, type GameRef, type Host, HostError, type HostFailure } from '../port.ts'
import { forgetChild } from './children.ts'
import { createEngines } from './engines.ts'
import { isProcess } from './identity.ts'
import { imageDigest, type Images } from './images.ts'
import { cutLog } from './log-tail.ts'
import { withLock } from './lock.ts'
import { createPortPicker, defaultPortRange, type PortRange } from './ports.ts'
import {
  asInstance,
  type GamePaths,
  gamePaths,
  isReadable,
  isRunning,
  isStarted,
  type Kept,
  readFolder,
  readRecord,
  unreadable,
} from './record.ts'
import { stopAllEngines } from '../stop-all.ts'
import { createWatch } from './watching.ts'

export type ProcessHostOptions = {
  /** Folder for all games' engines and states. */
  dir: string
  /** Command for each built-in image. */
  images: Images
  /** Whether `file:///path` of an executable is an image. */
  allowFileImages: boolean
  log: Log
  clock?: Clock
  /** An engine whose platform is gone and that nobody called for so long ends by itself. */
  orphanGraceMs?: number
  portRange?: PortRange
}

export type ProcessHost = Host & {
  /** Ends all engines at once; that is asked for, so it counts as no failure. */
  stopAll: (options: { graceMs: number }) => Promise<void>
}

const livenessMs = 250
const removeGraceMs = 5000
const logKeeperMs = 2000

/**
 * Runs engines as processes of this machine, in sessions of their own. They outlive this process and are found again by
 * their records; how one ended is known only to the process that started it. Nothing isolates them: for standalone,
 * tests and engine authors.
 */
export async function createProcessHost(options: ProcessHostOptions): Promise<ProcessHost> {
  const { images, allowFileImages, log, clock = systemClock, orphanGraceMs = 600_000 } = options
  const dir = resolve(options.dir)
  const locks = join(dir, '.locks')
  const source = { images, allowFileImages }
  const ports = createPortPicker(options.portRange ?? defaultPortRange)
  const warned = new Set<string>()
  /** What goes on without a caller who waits for it. */
  const ongoing = new Set<Promise<unknown>>()
  let disposed = false
  await makeFolder(locks, { mode: 0o700 })
  const watch = createWatch({ everyMs: livenessMs, stillRuns: (game) => tracked(stillRuns(game)), warn: warnOnce })
  const engines = createEngines({ source, ports, watch, orphanGraceMs, clock, log, onChildExit })
  await takeOver()
  let shortening = false
  const logKeeper = setInterval(() => void shortenLogs(), logKeeperMs).unref()

  return {
    runtime: 'process',
    pull: (image) => guarded('ImageUnavailable', async () => ({ imageDigest: await imageDigest(image, source) })),
    find: (game) => guarded('HostUnavailable', () => find(game)),
    list: () => guarded('HostUnavailable', list),
    start: (spec) => locked('StartFailed', spec.game, (paths) => engines.start(spec, paths)),
    stop,
    remove: (game) => locked('HostUnavailable', game, (paths) => engines.remove(paths, removeGraceMs)),
    removeData: (game) => locked('HostUnavailable', game, (paths) => engines.removeData(paths)),
    watch: watch.listen,
    stopAll: (options) =>
      guarded('HostUnavailable', () => stopAllEngines({ list, stop: (game) => stop(game, options) })),
    // The engines go on: whoever comes next takes them over.
    [Symbol.asyncDispose]: async () => {
      disposed = true
      clearInterval(logKeeper)
      watch.stop()
      await Promise.allSettled(ongoing)
    },
  }

  /** The engines that another process has started are ours now. */
  async function takeOver(): Promise<void> {
    const { uids, junk } = await readFolder(dir)
    for (const name of junk) log.warn(`${join(dir, name)} is no game's folder; it is left alone`)
    await Promise.all(uids.map((uid) => orUndefined(() => takeOverGame(gamePaths(dir, uid)))))
  }

  async function takeOverGame(paths: GamePaths): Promise<void> {
    const kept = await readRecord(paths)
    if (isReadable(kept)) ports.promise(kept.port)
    await instanceOf(paths)
  }

  async function find({ uid }: GameRef): Promise<readonly EngineInstance[]> {
    const instance = await instanceOf(gamePaths(dir, uid))
    return instance ? [instance] : []
  }

  async function list(): Promise<readonly EngineInstance[]> {
    const { uids } = await readFolder(dir)
    const found = await Promise.all(uids.map((uid) => orUndefined(() => instanceOf(gamePaths(dir, uid)))))
    return found.filter((each) => each !== undefined)
  }

  /** The lock is needed only where the record does not tell all: reading must not wait for a slow stop. */
  async function instanceOf(paths: GamePaths): Promise<EngineInstance | undefined> {
    const kept = await readRecord(paths)
    if (kept === undefined) return undefined
    if (isStarted(kept) && (kept.exit ?? (await isProcess(kept.process)))) {
      if (isRunning(kept)) watch.started(kept)
      return asInstance(kept)
    }
    const record = await settle(paths)
    return isStarted(record) ? asInstance(record) : undefined
  }

  async function stop(game: GameRef, { graceMs }: { graceMs: number }): Promise<void> {
    await locked('HostUnavailable', game, (paths) => engines.stop(paths, graceMs))
  }

  async function settle(paths: GamePaths): Promise<Kept> {
    const kept = await withLock(join(locks, paths.uid), () => engines.settle(paths))
    if (kept === 'unreadable') warnOnce(unreadable(paths).message)
    return kept
  }

  async function stillRuns({ uid }: GameRef): Promise<boolean> {
    return isRunning(await settle(gamePaths(dir, uid)))
  }

  function onChildExit(paths: GamePaths, nonce: string): void {
    if (disposed) return
    tracked(settle(paths))
      .catch((error: unknown) => log.warn(`an engine has ended: ${messageOf(error)}`))
      .finally(() => forgetChild(nonce))
  }

  /** Keeps the work in sight until it is done: what is disposed of writes nothing more. */
  function tracked<T>(work: Promise<T>): Promise<T> {
    ongoing.add(work)
    const done = () => void ongoing.delete(work)
    work.then(done, done)
    return work
  }

  /** An engine that talks without end must not fill the disk. */
  async function shortenLogs(): Promise<void> {
    if (shortening) return
    shortening = true
    for (const { game } of watch.running()) {
      await cutLog(gamePaths(dir, game.uid).log).catch((error: unknown) => warnOnce(messageOf(error)))
    }
    shortening = false
  }

  function locked<T>(failure: HostFailure, { uid }: GameRef, work: (paths: GamePaths) => Promise<T>): Promise<T> {
    return guarded(failure, async () => {
      const paths = gamePaths(dir, uid)
      return withLock(join(locks, uid), () => work(paths))
    })
  }

  /** One game's trouble must not hide the others. */
  async function orUndefined<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      warnOnce(messageOf(error))
      return undefined
    }
  }

  function warnOnce(message: string): void {
    if (!warned.has(message)) log.warn(message)
    warned.add(message)
  }
}

/** Whatever goes wrong, the caller is told by a HostError. */
async function guarded<T>(failure: HostFailure, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof HostError) throw error
    throw new HostError(failure, messageOf(error), { cause: error })
  }
}
