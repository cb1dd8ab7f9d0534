import { EngineVersion, Game } from '../../resources/index.ts'

const meta = { uid: 'u', resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' }

/** For tests of this room: the EngineVersion 1.0.0 of a namespace. */
export function aVersion(namespace: string, metadata: object = {}, spec: object = {}): EngineVersion {
  return EngineVersion.parse({
    metadata: { ...meta, namespace, name: 'v1', ...metadata },
    spec: { version: '1.0.0', image: 'engine:1.0.0', ...spec },
  })
}

/** A Game that runs the version of that number. */
export function aGame(namespace: string, pinned = '1.0.0'): Game {
  const status = { engine: { version: pinned } }
  const metadata = { ...meta, namespace, name: `on-${pinned}` }
  return Game.parse({ metadata, spec: { engine: { version: '1' } }, status })
}
