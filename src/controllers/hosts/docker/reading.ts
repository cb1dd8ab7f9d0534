import { z } from 'zod'
import { constants } from 'node:os'
import { type EngineExit, type EngineInstance, type GameRef } from '../port.ts'
import { enginePort } from './container.ts'
import { gameOf, labels } from './names.ts'

/** What is read of a container, out of all that the daemon tells. */
const Inspected = z.object({
  Id: z.string().min(12),
  Name: z.string().transform((name) => name.replace(/^\//, '')),
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
  startedAt: string
  exitCode: number
  outOfMemory: boolean
  /** The port at this machine's loopback; undefined when none is published. */
  publishedPort: number | undefined
}

const running = new Set(['running', 'paused', 'restarting'])

/** The engine that a container is; undefined when it is none. */
export function readEngine(inspected: unknown): Engine | undefined {
  const { Id, Name, Config, State, NetworkSettings } = Inspected.parse(inspected)
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
    state: State.Status === 'created' ? 'created' : running.has(State.Status) ? 'running' : 'exited',
    paused: State.Status === 'paused',
    image: Config.Image,
    startedAt: new Date(State.StartedAt).toISOString(),
    exitCode: State.ExitCode,
    outOfMemory: State.OOMKilled,
    publishedPort: published ? Number(published) : undefined,
  }
}

/** The engine as the port tells of it. `exit` is how it ended, where that is known. */
export function asInstance(engine: Engine, exit?: EngineExit): EngineInstance {
  const { game, image, epoch, specHash, startedAt, name, id } = engine
  const known = { game, ref: `${name}/${id.slice(0, 12)}`, image, epoch, specHash, startedAt }
  if (engine.state !== 'running') return { ...known, state: 'exited', ...(exit && { exit }) }
  return { ...known, state: 'running', endpoint: endpointOf(engine) }
}

function endpointOf({ name, publishedPort }: Engine): string {
  return publishedPort === undefined
    ? `http://${name}:${enginePort.replace('/tcp', '')}`
    : `http://127.0.0.1:${publishedPort}`
}

/** How the engine ended; a code above 128 is how shells and the init process tell of a signal. */
export function readExit(engine: Engine, { requested, output }: { requested: boolean; output: string }): EngineExit {
  const signal = Object.entries(constants.signals).find(([, number]) => number === engine.exitCode - 128)?.[0]
  const said = engine.outOfMemory ? `${output}\n(it was killed: it needed more memory than it may have)`.trim() : output
  return {
    code: engine.exitCode,
    ...(signal !== undefined && { signal }),
    requested,
    ...(said && { output: said }),
  }
}
