import { expect, it } from 'vitest'
import { silentLog } from '../../platform/log.ts'
import { createMetrics } from '../../platform/metrics.ts'
import { Game } from '../../resources/index.ts'
import type { Host } from '../hosts/index.ts'
import { type ApplyPorts, createApply } from './apply.ts'
import { aGame, anEngineVersion, noon } from './fixtures.ts'
import { createGameMetrics } from './metrics.ts'
import { createObserve, type ObservePorts } from './observe.ts'
import { defaultPolicy } from './policy.ts'
import { createGameReconciler } from './reconcile.ts'

const unschedulable = '0/1 nodes are available: 1 node(s) were unschedulable.'

/** The real ways to and from a host on which no machine can fetch an image, once somebody has asked for it. */
function stuck() {
  const seen = { game: aGame(), pulls: 0, writes: 0, events: [] as string[] }
  const host: Partial<Host> = {
    find: async () => [],
    pull: async () => ((seen.pulls += 1), { unschedulable }),
    whyUnfetched: () => (seen.pulls > 0 ? unschedulable : undefined),
  }
  const now = () => noon
  const observing: Partial<Record<keyof ObservePorts, unknown>> = {
    games: { get: () => seen.game },
    engineVersions: { list: () => [anEngineVersion('1.0.0')], knows: () => true },
    host,
    engineVersionNamespace: 'default',
    now,
  }
  const applying: Partial<Record<keyof ApplyPorts, unknown>> = { host, now }
  const reconcile = createGameReconciler({
    observe: createObserve(observing as ObservePorts),
    apply: createApply(applying as ApplyPorts),
    games: {
      get: async () => seen.game,
      replaceStatus: async (game) => {
        seen.writes += 1
        return (seen.game = Game.parse(JSON.parse(JSON.stringify(game))))
      },
    },
    cache: { written: () => undefined, fetched: () => undefined },
    events: { record: (_game, { reason }) => seen.events.push(reason), [Symbol.asyncDispose]: async () => undefined },
    metrics: createGameMetrics(createMetrics({ runtime: false }), now),
    policy: defaultPolicy,
    log: silentLog,
    now,
  })
  const pass = () => reconcile({ namespace: 'default', name: 'andromeda' }, new AbortController().signal)
  return { seen, pass }
}

it('an image that no machine can fetch is asked for once, and its game looked at again with nothing written', async () => {
  const { seen, pass } = stuck()
  expect(await pass()).toEqual({ requeueAfterMs: defaultPolicy.healthCheckMs })
  expect(seen).toMatchObject({ pulls: 1, events: ['Unschedulable'] })
  expect(seen.game.status).toMatchObject({ phase: 'Pulling', engine: { failures: 0 } })
  const writes = seen.writes
  expect(await pass()).toEqual({ requeueAfterMs: defaultPolicy.healthCheckMs })
  expect(seen).toMatchObject({ pulls: 1, writes, events: ['Unschedulable'] })
})
