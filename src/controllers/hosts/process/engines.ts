import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { Clock } from '../../../platform/clock.ts'
import { makeFolder } from '../../../platform/files.ts'
import type { Log } from '../../../platform/log.ts'
import { type EngineExit, type EngineInstance, type EngineSpec, HostError } from '../port.ts'
import { specHash } from '../spec-hash.ts'
import { childEnd, forgetChild } from './children.ts'
import { endGroup, killRest } from './ending.ts'
import { isProcess } from './identity.ts'
import { imageCommand, type ImageSource } from './images.ts'
import { launchEngine } from './launch.ts'
import { logTail, trimLog } from './log-tail.ts'
import type { PortPicker } from './ports.ts'
import {
  asInstance,
  type EngineRecord,
  type GamePaths,
  isReadable,
  isRunning,
  isStarted,
  type Kept,
  readRecord,
  removeRecord,
  type StartedRecord,
  unreadable,
  writeAbout,
  writeRecord,
} from './record.ts'
import { declareStart, recoverRecord, startedProcess, withdrawStarts } from './starts.ts'
import type { createWatch } from './watching.ts'

export type Engines = ReturnType<typeof createEngines>

export type EngineNeeds = {
  source: ImageSource
  ports: PortPicker
  watch: Pick<ReturnType<typeof createWatch>, 'started' | 'ended'>
  orphanGraceMs: number
  clock: Clock
  log: Log
  /** Called when an engine that this process started has ended, on its own or not. */
  onChildExit: (paths: GamePaths, nonce: string) => void
}

/** What is done to one game's engine. Every function needs the game's lock, and may be repeated after a crash anywhere. */
export function createEngines({ source, ports, watch, orphanGraceMs, clock, log, onChildExit }: EngineNeeds) {
  return { settle, start, stop, remove, removeData }

  /**
   * The record as the world is now: a start that was not recorded is looked for, an end that was not is recorded, and a
   * record that cannot be read is made again if its engine runs.
   */
  async function settle(paths: GamePaths): Promise<Kept> {
    const kept = await readRecord(paths)
    const record = kept === 'unreadable' ? await recoverRecord(paths) : kept
    if (!record) return kept
    ports.promise(record.port)
    if (record.exit) return record
    const process = record.process ?? (await startedProcess(paths, record.nonce))
    if (!process) return record
    const known = { ...record, process }
    if (!(await isProcess(process))) return recordEnd(paths, known)
    if (kept === 'unreadable') log.warn(`${paths.record} could not be read; made it again, its engine runs`)
    if (kept === 'unreadable' || !record.process) await writeRecord(paths, known)
    watch.started(known)
    return known
  }

  async function start(spec: EngineSpec, paths: GamePaths): Promise<EngineInstance> {
    const before = await settle(paths)
    if (before === 'unreadable') throw unreadable(paths)
    if (before && isStarted(before)) {
      if (before.epoch === spec.epoch) return asInstance(before)
      if (!before.exit)
        throw new HostError('StartFailed', `engine process/${before.process.pid} of this game still runs`)
    }
    const command = await imageCommand(spec.image, source)
    await makeFolder(paths.state, { mode: 0o700 })
    await writeAbout(paths, spec.game)
    await withdrawStarts(paths)
    const record = await intend(spec, paths)
    if (before) ports.release(before.port)
    const { process, ended } = await launchEngine({ paths, record, command, env: spec.env, orphanGraceMs })
    void ended.then(() => onChildExit(paths, record.nonce))
    const started = { ...record, process }
    await writeRecord(paths, started)
    watch.started(started)
    return asInstance(started)
  }

  /** Records that an engine is about to be started, before there is anything that a crash could lose. */
  async function intend({ game, epoch, image, ...rest }: EngineSpec, paths: GamePaths): Promise<EngineRecord> {
    const record: EngineRecord = {
      game,
      nonce: randomUUID(),
      epoch,
      image,
      specHash: specHash({ game, epoch, image, ...rest }),
      port: await ports.pick(),
      startedAt: clock.now().toISOString(),
      logFrom: await trimLog(paths.log),
      stopRequested: false,
    }
    try {
      await writeRecord(paths, record)
      await declareStart(paths, record.nonce)
    } catch (error) {
      ports.release(record.port)
      throw error
    }
    return record
  }

  async function stop(paths: GamePaths, graceMs: number): Promise<void> {
    const record = await settle(paths)
    if (!isRunning(record)) return
    const asked = { ...record, stopRequested: true }
    await writeRecord(paths, asked)
    await endGroup(record.process, graceMs)
    await recordEnd(paths, asked)
  }

  async function recordEnd(paths: GamePaths, record: StartedRecord): Promise<StartedRecord> {
    const end = await childEnd(record.nonce)
    if (end) await killRest(record.process)
    const exit: EngineExit = {
      ...end,
      requested: record.stopRequested,
      output: await logTail(paths.log, record.logFrom),
    }
    const ended = { ...record, exit }
    await writeRecord(paths, ended)
    forgetChild(record.nonce)
    watch.ended(record.game)
    return ended
  }

  async function remove(paths: GamePaths, graceMs: number): Promise<void> {
    await stop(paths, graceMs)
    const record = await readRecord(paths)
    if (isReadable(record)) await writeAbout(paths, record.game)
    await withdrawStarts(paths)
    await removeRecord(paths)
    if (isReadable(record)) ports.release(record.port)
  }

  async function removeData(paths: GamePaths): Promise<void> {
    const record = await settle(paths)
    if (isRunning(record))
      throw new HostError('HostUnavailable', `engine process/${record.process.pid} still runs; remove it first`)
    await withdrawStarts(paths)
    await rm(paths.root, { recursive: true, force: true })
    if (isReadable(record)) ports.release(record.port)
  }
}
