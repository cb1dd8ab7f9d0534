import type { EngineStatus } from '../../engine-contract/index.ts'
import { EngineVersion, Game } from '../../resources/index.ts'
import { type EngineInstance, specHash } from '../hosts/index.ts'
import { engineSpec } from './objects.ts'
import type { Observation } from './observation.ts'

/** Builders for tests that name only what matters to them. */
export const noon = new Date('2026-03-01T12:00:00Z')

export function aGame({
  spec = {},
  status = {},
  metadata = {},
}: { spec?: object; status?: object; metadata?: object } = {}): Game {
  return Game.parse({
    metadata: {
      name: 'andromeda',
      namespace: 'default',
      uid: 'uid-1',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-03-01T11:00:00Z',
      finalizers: ['galaxy.dev/engine'],
      ...metadata,
    },
    spec: {
      engine: { version: '~1.0' },
      players: [
        { userId: 'u1', raceName: 'Terrans' },
        { userId: 'u2', raceName: 'Zerks' },
      ],
      ...spec,
    },
    status: { observedGeneration: 1, ...status },
  })
}

export function anEngineVersion(version: string, more: { disabled?: boolean; namespace?: string } = {}): EngineVersion {
  const { disabled = false, namespace = 'default' } = more
  return EngineVersion.parse({
    metadata: {
      name: `v${version}`,
      namespace,
      uid: version,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { version, image: `engine:${version}`, disabled },
  })
}

export function anEngine(game: Game, change: Partial<EngineInstance> = {}): EngineInstance {
  const image = change.image ?? 'engine:1.0.0'
  return {
    game: { namespace: 'default', name: 'andromeda', uid: 'uid-1' },
    ref: 'process/7',
    image,
    epoch: 1,
    specHash: specHash(engineSpec(game, image, 1)),
    startedAt: '2026-03-01T11:30:00.000Z',
    endpoint: 'http://127.0.0.1:20000',
    state: 'running',
    ...change,
  }
}

export function answering(change: Partial<EngineStatus> = {}): Observation['probe'] {
  const players = ['Terrans', 'Zerks'].map((raceName) => ({ raceName, eliminated: false, stats: {} }))
  return { state: 'healthy', status: { initialized: true, turn: 0, finished: false, players, ...change } }
}

export function observing(change: Partial<Observation> & { game: Game }): Observation {
  return {
    now: noon,
    runtime: 'process',
    violations: [],
    engineVersions: [anEngineVersion('1.0.0')],
    engines: [],
    probe: undefined,
    ...change,
  }
}

/** A game whose engine runs and has been well for half an hour. */
export function aReadyGame({
  spec = {},
  turn = {},
  status = {},
  metadata = {},
}: { spec?: object; turn?: object; status?: object; metadata?: object } = {}): Game {
  const since = '2026-03-01T11:30:00Z'
  const holds = (type: string) => ({
    type,
    status: 'True',
    reason: 'Test',
    message: 'as expected',
    lastTransitionTime: since,
    observedGeneration: 1,
  })
  return aGame({
    spec,
    metadata,
    status: {
      phase: 'Running',
      conditions: [holds('EngineReady'), holds('Initialized'), holds('Ready')],
      engine: {
        version: '1.0.0',
        image: 'engine:1.0.0',
        imageDigest: 'sha256:1',
        ref: 'process/7',
        epoch: 1,
        startedAt: '2026-03-01T11:30:00.000Z',
        restarts: 0,
        failures: 0,
      },
      turn: { number: 4, forceToken: null, skipNext: false, ...turn },
      ...status,
    },
  })
}
