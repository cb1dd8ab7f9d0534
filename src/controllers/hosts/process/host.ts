import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { type Clock, sleep, systemClock } from '../../../platform/clock.ts'
import { messageOf } from '../../../platform/errors.ts'
import type { Log } from '../../../platform/log.ts'
import { type EngineExit, type EngineInstance, type EngineSpec, type GameRef, type Host, HostError } from '../port.ts'
import { specHash } from '../spec-hash.ts'
import { withLock } from './game-lock.ts'
import { isProcess } from './identity.ts'
import { imageCommand, imageDigest, type Images } from './images.ts'
import { endStrays, findLaunched, identify, launchEngine } from './launch.ts'
import { logTail } from './log-tail.ts'
import { createPortPicker, defaultPortRange, type PortRange } from './ports.ts'
import {
  type EngineRecord,
  type GamePaths,
  gamePaths,
  knownUids,
  readRecord,
  removeRecord,
  writeRecord,
} from './record.ts'

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

/**
 * Runs engines as child processes of this machine. They are in sessions of their own, outlive this process, and are found
 * again by their records. Nothing isolates them: for standalone, tests and engine authors.
 */
export async function createProcessHost(options: ProcessHostOptions): Promise<ProcessHost> {
  const { dir, log, clock = systemClock, orphanGraceMs = 600_000 } = options
  const ports = createPortPicker(options.portRange ?? defaultPortRange)
  const listeners = new Set<(game: GameRef) => void>()
  const running = new Map<string, GameRef>()
  let disposed = false
  await mkdir(dir, { recursive: true, mode: 0o700 })
  for (const uid of await knownUids(dir)) await recover(gamePaths(dir, uid))
  const timer = setInterval(() => void checkLiveness(), livenessMs)
  timer.unref()

  return {
    runtime: 'process',
    pull,
    find,
    list,
    start,
    stop,
    remove,
    removeData,
    watch,
    stopAll,
    [Symbol.asyncDispose]: dispose,
  }

  async function pull(image: string): Promise<{ imageDigest: string }> {
    return guarded('ImageUnavailable', async () => ({
      imageDigest: await imageDigest(await imageCommand(image, options)),
    }))
  }

  async function find({ uid }: GameRef): Promise<readonly EngineInstance[]> {
    return guarded('HostUnavailable', async () => {
      const instance = await instanceOf(gamePaths(dir, uid))
      return instance ? [instance] : []
    })
  }

  async function list(): Promise<readonly EngineInstance[]> {
    const found = await Promise.all(
      (await knownUids(dir)).map((uid) =>
        instanceOf(gamePaths(dir, uid)).catch((error: unknown) => {
          log.warn(messageOf(error))
          return undefined
        }),
      ),
    )
    return found.filter((each) => each !== undefined)
  }

  async function start(spec: EngineSpec): Promise<EngineInstance> {
    const paths = gamePaths(dir, spec.game.uid)
    return guarded('StartFailed', () => withLock(paths.lock, () => startLocked(spec, paths)))
  }

  async function startLocked(spec: EngineSpec, paths: GamePaths): Promise<EngineInstance> {
    const before = await settled(paths)
    if (before?.process && before.epoch === spec.epoch) return asInstance(before)
    if (before?.process && !before.exit)
      throw new HostError('StartFailed', `engine process/${before.process.pid} of this game still runs`)
    const command = await imageCommand(spec.image, options)
    if (before) ports.release(before.port)
    const { game, epoch, image } = spec
    const record: EngineRecord = {
      game,
      epoch,
      image,
      nonce: randomUUID(),
      specHash: specHash(spec),
      port: await ports.pick(),
      startedAt: clock.now().toISOString(),
      stopRequested: false,
    }
    await mkdir(paths.state, { recursive: true, mode: 0o700 })
    await writeRecord(paths, record)
    await endStrays(paths, record.nonce)
    const child = await launchEngine({ paths, record, command, spec, orphanGraceMs })
    reportEnd(child, paths, record)
    const started: EngineRecord = { ...record, process: await identify(child) }
    if (!started.process)
      return asInstance(await recordEnd(paths, { ...record, process: { pid: child.pid ?? 0, identity: '' } }, child))
    await writeRecord(paths, started)
    running.set(game.uid, game)
    return asInstance(started)
  }

  function reportEnd(child: ChildProcess, paths: GamePaths, { nonce, game }: EngineRecord): void {
    child.once('exit', () => {
      const settle = withLock(paths.lock, async () => {
        const record = await readRecord(paths)
        if (record?.nonce === nonce && record.process && !record.exit) await recordEnd(paths, record, child)
      })
      settle.catch((error: unknown) => log.warn({ game: game.name }, messageOf(error))).finally(() => tell(game))
    })
  }

  /** The record as the world is now: a start that was not recorded is looked for, an end that was not is recorded. */
  async function settled(paths: GamePaths): Promise<EngineRecord | undefined> {
    const record = await readRecord(paths)
    if (!record || record.exit) return record
    const process = record.process ?? (await findLaunched(paths, record.nonce))
    if (!process) return record
    const known = { ...record, process }
    if (!record.process) await writeRecord(paths, known)
    return (await isProcess(process.pid, process.identity)) ? known : recordEnd(paths, known)
  }

  async function recordEnd(paths: GamePaths, record: EngineRecord, child?: ChildProcess): Promise<EngineRecord> {
    const exit: EngineExit = {
      ...(typeof child?.exitCode === 'number' ? { code: child.exitCode } : {}),
      ...(child?.signalCode ? { signal: child.signalCode } : {}),
      requested: record.stopRequested,
      output: await logTail(paths.log),
    }
    const ended = { ...record, exit }
    await writeRecord(paths, ended)
    running.delete(record.game.uid)
    return ended
  }

  async function instanceOf(paths: GamePaths): Promise<EngineInstance | undefined> {
    const record = await readRecord(paths)
    if (!record?.process) return undefined
    if (record.exit) return asInstance(record)
    if (await isProcess(record.process.pid, record.process.identity)) return asInstance(record)
    const now = await withLock(paths.lock, () => settled(paths))
    return now?.process ? asInstance(now) : undefined
  }

  async function stop({ uid }: GameRef, { graceMs }: { graceMs: number }): Promise<void> {
    const paths = gamePaths(dir, uid)
    await guarded('HostUnavailable', async () => {
      if (await readRecord(paths)) await withLock(paths.lock, () => stopLocked(paths, graceMs))
    })
  }

  async function stopLocked(paths: GamePaths, graceMs: number): Promise<void> {
    const record = await settled(paths)
    if (!record?.process || record.exit) return
    const asked = { ...record, stopRequested: true }
    await writeRecord(paths, asked)
    const { pid, identity } = record.process
    if (!(await endsWithin(pid, identity, { signal: 'SIGTERM', withinMs: graceMs }))) {
      await endsWithin(pid, identity, { signal: 'SIGKILL', withinMs: 5000 })
    }
    await recordEnd(paths, asked)
  }

  async function remove(game: GameRef): Promise<void> {
    await stop(game, { graceMs: 5000 })
    const paths = gamePaths(dir, game.uid)
    await guarded('HostUnavailable', async () => {
      const record = await readRecord(paths).catch(() => undefined)
      if (record) ports.release(record.port)
      running.delete(game.uid)
      await removeRecord(paths)
      await endStrays(paths, undefined)
    })
  }

  async function removeData({ uid }: GameRef): Promise<void> {
    const paths = gamePaths(dir, uid)
    await guarded('HostUnavailable', async () => {
      const record = await settled(paths)
      if (record?.process && !record.exit)
        throw new HostError('HostUnavailable', 'the engine still runs; remove it first')
      await rm(paths.root, { recursive: true, force: true })
    })
  }

  async function stopAll({ graceMs }: { graceMs: number }): Promise<void> {
    await Promise.all((await list()).map(({ game }) => stop(game, { graceMs })))
  }

  function watch(onChange: (game: GameRef) => void): Disposable {
    listeners.add(onChange)
    return { [Symbol.dispose]: () => listeners.delete(onChange) }
  }

  function tell(game: GameRef): void {
    if (!disposed) for (const listener of listeners) listener(game)
  }

  /** Engines that a predecessor started are not our children: their end is seen only by looking. */
  async function checkLiveness(): Promise<void> {
    for (const game of running.values()) {
      const instance = await instanceOf(gamePaths(dir, game.uid)).catch(() => undefined)
      if (instance?.state === 'running') continue
      running.delete(game.uid)
      tell(game)
    }
  }

  async function recover(paths: GamePaths): Promise<void> {
    const record = await withLock(paths.lock, () => settled(paths)).catch((error: unknown) =>
      log.warn(messageOf(error)),
    )
    if (!record) return
    ports.promise(record.port)
    if (record.process && !record.exit) running.set(record.game.uid, record.game)
  }

  async function dispose(): Promise<void> {
    disposed = true
    clearInterval(timer)
  }
}

function asInstance(record: EngineRecord): EngineInstance {
  const { game, image, epoch, startedAt, port, exit } = record
  return {
    game,
    image,
    epoch,
    startedAt,
    specHash: record.specHash,
    ref: `process/${record.process?.pid ?? 0}`,
    ...(exit
      ? {
          state: 'exited',
          exit,
        }
      : {
          state: 'running',
          endpoint: `http://127.0.0.1:${port}`,
        }),
  }
}

async function endsWithin(
  pid: number,
  identity: string,
  { signal, withinMs }: { signal: NodeJS.Signals; withinMs: number },
) {
  const deadline = Date.now() + withinMs
  if (!(await isProcess(pid, identity))) return true
  try {
    process.kill(-pid, signal)
  } catch {
    // It has just ended by itself.
  }
  while (await isProcess(pid, identity)) {
    if (Date.now() > deadline) return false
    await sleep(5)
  }
  return true
}

async function guarded<T>(
  failure: 'ImageUnavailable' | 'StartFailed' | 'HostUnavailable',
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof HostError) throw error
    throw new HostError(failure, messageOf(error), { cause: error })
  }
}
