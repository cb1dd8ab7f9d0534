import { type EngineExit, type EngineInstance, type EngineSpec, type GameRef, HostError } from '../port.ts'
import { specHash } from '../spec-hash.ts'
import { containerName, labelFilter } from './names.ts'
import { containerOptions, type Surroundings } from './container.ts'
import { call, callUnless, type Daemon, statusOf } from './daemon.ts'
import { checkImageName, imageDigest } from './images.ts'
import { outputTail } from './output.ts'
import { asInstance, type Engine, type Listing, readEngine, readExit, readListing } from './reading.ts'
import { isStopMarked, makeVolume, markStop, prepareState, removeVolume } from './volume.ts'

const killMs = 10_000
const attempts = 10
const outputLines = 50

export type Engines = ReturnType<typeof createEngines>

/**
 * What is done to engines in containers. A game's container has one name, which Docker gives only once: the first of any
 * number of platforms makes it, the others find it, and whoever finds one that was made but not started starts it.
 */
export function createEngines(daemon: Daemon, surroundings: Surroundings) {
  const { instance: ours } = surroundings
  const digests = new Map<string, string>()

  return { listAll, listOurs, find, start, stop, remove, removeData }

  /** All engines, or those of one game, in one call; also those that were made and never started. */
  async function listAll(game?: GameRef): Promise<Listing[]> {
    const filters = labelFilter(game)
    const found = await call((abortSignal) => daemon.listContainers({ all: true, filters, abortSignal }))
    return found.map(readListing).filter((each) => each !== undefined)
  }

  /** The game's engines, with all that there is to know, newest epoch first. */
  async function list(game: GameRef): Promise<Engine[]> {
    const engines = await Promise.all((await listAll(game)).map(({ id }) => inspect(id)))
    return engines.filter((each) => each !== undefined).sort((a, b) => b.epoch - a.epoch)
  }

  /**
   * Without those that another platform on this daemon has made. What tells no platform was made by an older one, or by
   * hand, and is anybody's.
   */
  async function listOurs(): Promise<Listing[]> {
    return (await listAll()).filter((engine) => !isForeign(engine))
  }

  function isForeign({ instance: theirs }: Pick<Engine, 'instance'>): boolean {
    return theirs !== undefined && theirs !== ours
  }

  async function inspect(idOrName: string): Promise<Engine | undefined> {
    const container = daemon.getContainer(idOrName)
    const found = await callUnless([404], (abortSignal) => container.inspect({ abortSignal }))
    return found === undefined ? undefined : readEngine(found)
  }

  async function find(game: GameRef): Promise<EngineInstance[]> {
    const started = (await list(game)).filter(({ state }) => state !== 'created')
    return Promise.all(started.map(asFound))
  }

  async function asFound(engine: Engine): Promise<EngineInstance> {
    if (engine.state === 'exited') return asInstance(engine, { exit: await exitOf(engine) })
    return asInstance(engine, { imageDigest: await digestOf(engine) })
  }

  /** Asked once: an image never becomes another one, only its names do. */
  async function digestOf({ imageId }: Engine): Promise<string | undefined> {
    const digest = digests.get(imageId) ?? (await imageDigest(daemon, imageId))
    if (digest !== undefined) digests.set(imageId, digest)
    return digest
  }

  async function exitOf(engine: Engine): Promise<EngineExit> {
    const container = daemon.getContainer(engine.id)
    const [requested, frames] = await Promise.all([
      isStopMarked(daemon, engine.id),
      callUnless([404], (abortSignal) =>
        container.logs({ stdout: true, stderr: true, tail: outputLines, follow: false, abortSignal }),
      ),
    ])
    return readExit(engine, { requested, output: Buffer.isBuffer(frames) ? outputTail(frames) : '' })
  }

  async function start(spec: EngineSpec): Promise<EngineInstance> {
    checkImageName(spec.image)
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const started = (await settled(spec)) ?? (await launch(spec))
      if (started) return asFound(started)
    }
    throw new HostError('StartFailed', `somebody else removes container ${containerName(spec.game)} again and again`)
  }

  /** The engine that was started for the epoch, if there is one; what is in the way of a new one is removed. */
  async function settled(spec: EngineSpec): Promise<Engine | undefined> {
    for (const engine of await list(spec.game)) {
      if (engine.state !== 'created' && engine.epoch === spec.epoch) return engine
      if (engine.state === 'running') throw stillRuns(engine)
      if (!isMadeFor(engine, spec)) await removeContainer(engine)
    }
    return undefined
  }

  /** Makes the container, unless it is made already, and starts it; undefined when all must be looked at again. */
  async function launch(spec: EngineSpec): Promise<Engine | undefined> {
    await makeVolume(daemon, spec.game, ours)
    const made = await create(spec)
    if (!made || !isMadeFor(made, spec)) return made ? clearAway(made, spec.game) : undefined
    try {
      await prepareState(daemon, made.id)
      const container = daemon.getContainer(made.id)
      await callUnless([304], (abortSignal) => container.start({ abortSignal }), { failure: 'StartFailed' })
      return await inspect(made.id)
    } catch (error) {
      // Another platform has removed it, because it could not start it either, or for another epoch.
      if (statusOf(error) === 404 && !(await inspect(made.id))) return undefined
      if (statusOf(error) !== undefined) await removeContainer(made)
      throw error
    }
  }

  /** The container of the game's name: made now, or by somebody else before; undefined when that has just gone. */
  async function create(spec: EngineSpec): Promise<Engine | undefined> {
    const options = containerOptions(spec, surroundings)
    try {
      const { id } = await call((abortSignal) => daemon.createContainer({ ...options, abortSignal }), {
        failure: 'StartFailed',
      })
      return await inspect(id)
    } catch (error) {
      if (statusOf(error) === 404) throw imageMissing(error)
      if (statusOf(error) !== 409) throw error
    }
    return holder(spec.game)
  }

  /** Whoever has the name of the game's container. */
  async function holder(game: GameRef): Promise<Engine | undefined> {
    const name = containerName(game)
    const found = await callUnless([404], (abortSignal) => daemon.getContainer(name).inspect({ abortSignal }))
    if (found === undefined) return undefined
    const engine = readEngine(found)
    if (!engine) throw nameTaken(name, 'that is no engine')
    // An engine of the game itself is ours whatever made it: a data directory may have moved.
    if (engine.game.uid !== game.uid && isForeign(engine)) throw nameTaken(name, `of the platform ${engine.instance}`)
    return engine
  }

  /** A container of an earlier game of this name, or of another epoch, is in the way. */
  async function clearAway(engine: Engine, { uid }: GameRef): Promise<undefined> {
    if (engine.game.uid !== uid && engine.state === 'running') throw stillRuns(engine)
    if (engine.game.uid !== uid || engine.state === 'created') await removeContainer(engine)
  }

  async function stop(game: GameRef, graceMs: number): Promise<void> {
    for (const engine of await list(game)) if (engine.state === 'running') await end(engine, graceMs)
  }

  async function end({ id, paused }: Engine, graceMs: number): Promise<void> {
    const container = daemon.getContainer(id)
    await markStop(daemon, id)
    // One that is paused hears no signal.
    if (paused) await callUnless([404, 409, 500], (abortSignal) => container.unpause({ abortSignal }))
    const ended = (graceMs > 0 && (await endsBy('SIGTERM', id, graceMs))) || (await endsBy('SIGKILL', id, killMs))
    if (!ended) throw new HostError('HostUnavailable', `container ${id} does not end, not even by SIGKILL`)
  }

  async function endsBy(signal: NodeJS.Signals, id: string, withinMs: number): Promise<boolean> {
    const container = daemon.getContainer(id)
    const waiting = new AbortController()
    const timer = setTimeout(() => waiting.abort(), withinMs)
    try {
      // 409: it has just ended by itself.
      await callUnless([404, 409], (abortSignal) => container.kill({ signal, abortSignal }))
      await callUnless([404], () => container.wait({ condition: 'not-running', abortSignal: waiting.signal }), {
        timeoutMs: withinMs + 1000,
      })
      return true
    } catch (error) {
      if (!waiting.signal.aborted) throw error
      return (await inspect(id))?.state !== 'running'
    } finally {
      clearTimeout(timer)
    }
  }

  async function remove(game: GameRef, graceMs: number): Promise<void> {
    for (const engine of await list(game)) {
      if (engine.state === 'running') await end(engine, graceMs)
      await removeContainer(engine)
    }
  }

  async function removeContainer({ id }: Engine): Promise<void> {
    const container = daemon.getContainer(id)
    // 409: somebody else is removing it. Never by force: what has been started meanwhile is an engine to be kept.
    await callUnless([404, 409], (abortSignal) => container.remove({ force: false, v: false, abortSignal }))
  }

  async function removeData(game: GameRef): Promise<void> {
    const [engine] = (await list(game)).filter(({ state }) => state === 'running')
    if (engine) throw new HostError('HostUnavailable', `${stillRuns(engine).message}; remove it first`)
    await removeVolume(daemon, game)
  }
}

function isMadeFor(engine: Engine, spec: EngineSpec): boolean {
  const { game, epoch, specHash: hash } = engine
  return game.uid === spec.game.uid && epoch === spec.epoch && hash === specHash(spec)
}

function stillRuns({ name, game }: Engine): HostError {
  return new HostError('StartFailed', `container ${name}, engine of game ${game.uid}, still runs`)
}

function nameTaken(name: string, whose: string): HostError {
  const message = `there is a container ${name} ${whose}: remove it, or give the Game another name`
  return new HostError('StartFailed', message)
}

function imageMissing(error: unknown): HostError {
  return new HostError('ImageUnavailable', error instanceof Error ? error.message : String(error), { cause: error })
}
