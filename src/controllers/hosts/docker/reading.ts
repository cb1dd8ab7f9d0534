import { z } from 'zod'
import { constants } from 'node:os'
import type { EngineEntry, EngineExit, EngineInstance, GameRef } from '../port.ts'
import { enginePort } from './container.ts'
import { gameOf, labels } from './names.ts'

/** What is read of a container, out of all that the daemon tells. */
const Inspected = z.object({
  Id: z.string().min(12),
  Name: z.string().transform((name) => name.replace(/^\//, '')),
  Image: z.string(),
  Config: z.object({ Image: z.string(), Labels: z.record(z.string(), z.string()).nullish() }),
  State: z.object({
    Status: z.string(),
    StartedAt: z.string(),
    ExitCode: z.int(),
    OOMKilled: z.boolean().default(false),
  }),
  NetworkSettings: z.object({
    Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable()).nullish(),
  }),
})

/** The same of a container in a list of them, where that is all there is. */
const Listed = z.object({
  Id: z.string().min(12),
  Names: z.array(z.string()).transform(([name = '']) => name.replace(/^\//, '')),
  Labels: z.record(z.string(), z.string()).nullish(),
  State: z.string(),
})

/** What a list tells of a container with the labels of an engine. */
export type Listing = Pick<Engine, 'game' | 'id' | 'name' | 'instance' | 'state'>

/** A container with the labels of an engine. */
export type Engine = {
  game: GameRef
  id: string
  name: string
  /** The platform that made it; absent when an older one or a person did. */
  instance: string | undefined
  epoch: number
  specHash: string
  /** `created` was never started; one that is paused counts as running. */
  state: 'created' | 'running' | 'exited'
  paused: boolean
  image: string
  /** What the name of its image meant when the container was made. */
  imageId: string
  startedAt: string
  exitCode: number
  outOfMemory: boolean
  /** The port at this machine's loopback; undefined when none is published. */
  publishedPort: number | undefined
}

const running = new Set(['running', 'paused', 'restarting'])

/** The engine that a container is; undefined when it is none. */
export function readEngine(inspected: unknown): Engine | undefined {
  const { Id, Name, Image, Config, State, NetworkSettings } = Inspected.parse(inspected)
  const game = gameOf(Config.Labels, Name)
  if (!game) return undefined
  const published = NetworkSettings.Ports?.[enginePort]?.[0]?.HostPort
  return {
    game,
    id: Id,
    name: Name,
    instance: Config.Labels?.[labels.instance],
    epoch: Number(Config.Labels?.[labels.epoch]) || 0,
    specHash: Config.Labels?.[labels.specHash] ?? '',
    state: stateOf(State.Status),
    paused: State.Status === 'paused',
    image: Config.Image,
    imageId: Image,
    startedAt: new Date(State.StartedAt).toISOString(),
    exitCode: State.ExitCode,
    outOfMemory: State.OOMKilled,
    publishedPort: published ? Number(published) : undefined,
  }
}

/** The engine that a container in a list is; undefined when it is none. */
export function readListing(listed: unknown): Listing | undefined {
  const { Id, Names, Labels, State } = Listed.parse(listed)
  const game = gameOf(Labels, Names)
  return game && { game, id: Id, name: Names, instance: Labels?.[labels.instance], state: stateOf(State) }
}

function stateOf(status: string): Engine['state'] {
  if (status === 'created') return 'created'
  return running.has(status) ? 'running' : 'exited'
}

/** The engine as the port tells of it where it tells of all. */
export function asEntry({ game, state, ...container }: Listing): EngineEntry {
  return { game, ref: refOf(container), state: state === 'running' ? 'running' : 'exited' }
}

/** The engine as the port tells of it, with what is known besides: how it ended, or what its image is. */
export function asInstance(
  engine: Engine,
  { exit, imageDigest }: Pick<EngineInstance, 'exit' | 'imageDigest'> = {},
): EngineInstance {
  const { game, image, epoch, specHash, startedAt } = engine
  const known = { game, ref: refOf(engine), image, epoch, specHash, startedAt }
  if (engine.state !== 'running') return { ...known, state: 'exited', ...(exit && { exit }) }
  return { ...known, state: 'running', endpoint: endpointOf(engine), ...(imageDigest !== undefined && { imageDigest }) }
}

function refOf({ name, id }: Pick<Engine, 'name' | 'id'>): string {
  return `${name}/${id.slice(0, 12)}`
}

function endpointOf({ name, publishedPort }: Engine): string {
  return publishedPort === undefined
    ? `http://${name}:${enginePort.replace('/tcp', '')}`
    : `http://127.0.0.1:${publishedPort}`
}

/** How the engine ended; a code above 128 is how shells and the init process tell of a signal. */
export function readExit(engine: Engine, { requested, output }: { requested: boolean; output: string }): EngineExit {
  const signal = Object.entries(constants.signals).find(([, number]) => number === engine.exitCode - 128)?.[0]
  return {
    code: engine.exitCode,
    ...(signal !== undefined && { signal }),
    ...(engine.outOfMemory && { outOfMemory: true }),
    requested,
    ...(output && { output }),
  }
}
