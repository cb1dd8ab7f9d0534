import { createHttpApp } from '../../platform/http.ts'
import { silentLog } from '../../platform/log.ts'
import { createMetrics } from '../../platform/metrics.ts'
import type { ObjectKey } from '../../platform/kubernetes/objects.ts'
import { Game } from '../../resources/index.ts'
import { internalApiRoutes } from './routes.ts'
import { createInternalApiService } from './service.ts'
import { createWakes } from './wakes.ts'

/** For tests of this room: one Game in a store, the api over it, and a watch that shows what is written at once. */
export const holds = (type: string, { status = 'True', reason = 'Test' } = {}) => ({
  type,
  status,
  reason,
  message: '',
  lastTransitionTime: '2026-03-01T12:00:00Z',
})

const key: ObjectKey = { namespace: 'default', name: 'x' }

export function aStore(spec: object = {}, status: object = {}, { maxHeld = 10 } = {}) {
  const metadata = {
    name: 'x',
    namespace: 'default',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-03-01T12:00:00Z',
  }
  const store = { game: Game.parse({ metadata, spec: { engine: { version: '1' }, ...spec }, status }), writes: 0 }
  const followers = new Set<(key: ObjectKey, game: Game | undefined) => void>()
  let now = new Date('2026-03-01T13:00:00Z')
  let exists = true
  let failure: Error | undefined

  const games = {
    get: async ({ name, namespace }: ObjectKey) =>
      exists && name === key.name && namespace === key.namespace ? store.game : undefined,
    patch: async (_key: ObjectKey, change: object) => {
      if (failure) throw failure
      store.writes += 1
      return write(change)
    },
  }
  const service = createInternalApiService({ games, now: () => now, newId: () => 'new-id' })
  const metrics = createMetrics({ runtime: false })
  const wakes = createWakes({
    games,
    metrics,
    cached: () => (exists ? store.game : undefined),
    follow: (follower) => {
      followers.add(follower)
      return { [Symbol.dispose]: () => followers.delete(follower) }
    },
    maxHeld,
    now: () => now,
  })
  const app = createHttpApp({ log: silentLog })
  app.register(internalApiRoutes({ service, wakes, serviceToken: 'secret' }), { prefix: '/api/v1/internal' })
  const call = (method: 'GET' | 'POST', path: string, headers: Record<string, string> = {}) =>
    app.inject({ method, url: `/api/v1/internal${path}`, headers: { authorization: 'Bearer secret', ...headers } })

  return { store, wakes, answers, call, write, show, tick, fail, remove, followed: () => followers.size }

  /** How many callers of wakes were answered how, without those that none was. */
  async function answers(): Promise<Record<string, number>> {
    const { values = [] } = (await metrics.getSingleMetric('galaxy_wake_calls_total')?.get()) ?? {}
    return Object.fromEntries(values.flatMap(({ labels, value }) => (value > 0 ? [[labels['result'], value]] : [])))
  }

  /** A merge patch of the parts that are given, under the next resourceVersion. */
  function write(change: { metadata?: { annotations?: object }; spec?: object; status?: object }): Game {
    const { metadata: before, spec, status } = store.game
    store.game = Game.parse({
      metadata: {
        ...before,
        annotations: { ...before.annotations, ...change.metadata?.annotations },
        resourceVersion: String(Number(before.resourceVersion) + 1),
      },
      spec: { ...spec, ...change.spec },
      status: { ...status, ...change.status },
    })
    show(store.game)
    return store.game
  }

  /** What the watch tells, be it old. */
  function show(game: Game | undefined) {
    for (const follower of followers) follower(key, game)
  }

  function tick(ms: number) {
    now = new Date(now.getTime() + ms)
  }

  /** Every write fails so from now on. */
  function fail(error: Error) {
    failure = error
  }

  function remove() {
    exists = false
    show(undefined)
  }
}
