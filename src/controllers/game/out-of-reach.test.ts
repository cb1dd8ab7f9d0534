import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KubernetesError } from '../../platform/kubernetes/errors.ts'
import { isTrue } from '../../platform/kubernetes/conditions.ts'
import { silentLog } from '../../platform/log.ts'
import { createMetrics } from '../../platform/metrics.ts'
import { Game } from '../../resources/index.ts'
import { anEngine, answering, aReadyGame, noon, observing } from './fixtures.ts'
import { createGameMetrics } from './metrics.ts'
import { defaultPolicy } from './policy.ts'
import { createGameReconciler } from './reconcile.ts'
import { createSilenceWatch, withSilence } from './silence.ts'

/** Games whose engines run all the time, and a controller that reaches those that `reaches` names. */
function aFleet(size: number) {
  const names = Array.from({ length: size }, (_, index) => `game-${index}`)
  const stored = new Map(names.map((name) => [name, aReadyGame({ metadata: { name, uid: name } })]))
  const stopped = new Set<string>()
  const world = { elapsedMs: 0, reaches: (_name: string) => true }
  const now = () => new Date(noon.getTime() + world.elapsedMs)
  const watch = createSilenceWatch({
    windowMs: defaultPolicy.unresponsiveAfterMs,
    elapsedMs: () => world.elapsedMs,
  })
  const reconcile = createGameReconciler({
    observe: withSilence(async ({ name }) => {
      const game = stored.get(name)
      if (!game) return undefined
      const probe = world.reaches(name) ? answering({ turn: 4 }) : ({ state: 'unreachable', message: 'no' } as const)
      return observing({ game, now: now(), engines: stopped.has(name) ? [] : [anEngine(game)], probe })
    }, watch),
    apply: async ({ metadata }, action) => {
      if (action.do === 'stop') stopped.add(metadata.name)
      // What becomes of the place of a stopped one is no matter here.
      if (action.do === 'pull') throw new KubernetesError(0, 'Unreachable', 'the end')
      return undefined
    },
    games: {
      get: async ({ name }) => stored.get(name),
      replaceStatus: async (game) => {
        const written = Game.parse(JSON.parse(JSON.stringify(game)))
        stored.set(game.metadata.name, written)
        return written
      },
    },
    cache: { written: () => undefined, fetched: () => undefined },
    events: { record: () => undefined, [Symbol.asyncDispose]: async () => undefined },
    metrics: createGameMetrics(createMetrics({ runtime: false }), now),
    policy: defaultPolicy,
    log: silentLog,
    now,
  })
  const dueAtMs = new Map(names.map((name, index) => [name, (index * 7919) % 15_000]))

  /** Each game is looked at when its last pass asked for it. */
  async function run(forMs: number): Promise<void> {
    for (const until = world.elapsedMs + forMs; world.elapsedMs < until; world.elapsedMs += 500) {
      for (const [name, dueMs] of dueAtMs) {
        if (dueMs > world.elapsedMs || stopped.has(name)) continue
        const { requeueAfterMs = 1000 } = await reconcile({ namespace: 'default', name }, new AbortController().signal)
        dueAtMs.set(name, world.elapsedMs + requeueAfterMs)
      }
    }
  }
  const ready = () => [...stored.values()].filter(({ status }) => isTrue(status.conditions ?? [], 'Ready')).length
  return { run, world, watch, stopped, ready, names }
}

describe('a controller that does not reach its engines', () => {
  it('ends none of a hundred, and finds them ready when it reaches them again', async () => {
    const { run, world, stopped, ready } = aFleet(100)
    await run(60_000)
    world.reaches = () => false
    await run(120_000)
    expect([stopped.size, ready()]).toEqual([0, 0])
    world.reaches = () => true
    await run(30_000)
    expect([stopped.size, ready()]).toEqual([0, 100])
  })

  it('ends none either when another takes over from it while it lasts', async () => {
    const { run, world, watch, stopped } = aFleet(10)
    await run(60_000)
    world.reaches = () => false
    await run(20_000)
    watch.reset()
    await run(60_000)
    expect(stopped.size).toBe(0)
  })

  it('replaces the engines that hang, few of many or all of two, and no others', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.record({ size: fc.integer({ min: 6, max: 20 }), hung: fc.integer({ min: 1, max: 3 }) }),
          fc.constant({ size: 2, hung: 2 }),
          fc.constant({ size: 1, hung: 1 }),
        ),
        async ({ size, hung }) => {
          const { run, world, stopped, names } = aFleet(size)
          await run(60_000)
          const hanging = new Set(names.slice(0, hung))
          world.reaches = (name) => !hanging.has(name)
          await run(60_000)
          expect(stopped).toEqual(hanging)
        },
      ),
      { numRuns: 20 },
    )
  })
})
