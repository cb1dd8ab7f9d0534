import { type EngineInstance, type GameRef, type Host, specHash } from '../src/controllers/hosts/index.ts'

/** A host whose engines all are at one address, and start in no time: what is measured is not how fast they start. */
export function createEngineHost(endpoint: string): Host {
  const engines = new Map<string, EngineInstance>()
  const forget = async ({ uid }: GameRef) => void engines.delete(uid)
  return {
    runtime: 'process',
    pull: async () => ({ imageDigest: `sha256:${'0'.repeat(64)}` }),
    find: async ({ uid }) => {
      const engine = engines.get(uid)
      return engine ? [engine] : []
    },
    list: async () => [...engines.values()],
    start: async (spec) => {
      const { game, image, epoch } = spec
      const startedAt = new Date().toISOString()
      const ref = `bench/${game.uid}`
      const hash = specHash(spec)
      const engine = { game, ref, image, epoch, specHash: hash, startedAt, endpoint, state: 'running' as const }
      engines.set(game.uid, engine)
      return engine
    },
    stop: forget,
    remove: forget,
    removeData: async () => undefined,
    watch: () => ({ [Symbol.dispose]: () => undefined }),
    [Symbol.asyncDispose]: async () => undefined,
  }
}
