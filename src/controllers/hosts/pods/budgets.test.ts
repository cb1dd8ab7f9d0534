import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../platform/clock.ts'
import type { JsonObject } from '../../../platform/json.ts'
import { KubernetesError } from '../../../platform/kubernetes/errors.ts'
import { budgetKind, createBudgets } from './budgets.ts'

/** The budgets of a cluster, by namespace: how many Pods each wants to be left, and in which version it is. */
function aCluster() {
  const stored = new Map<string, { minAvailable: number; version: number }>()
  const world = { inTurn: false, isDown: false, writes: 0, stored }
  const put = (namespace: string, { spec, metadata }: JsonObject) => {
    if (world.isDown) throw new KubernetesError(0, 'Unreachable', 'no connection')
    const version = stored.get(namespace)?.version ?? 0
    const wanted = Object(metadata).resourceVersion
    if (wanted !== undefined && wanted !== String(version)) throw new KubernetesError(409, 'Conflict', 'modified')
    world.writes += 1
    stored.set(namespace, { minAvailable: Object(spec).minAvailable, version: version + 1 })
    const said = { name: 'b', namespace, uid: 'u', resourceVersion: String(version + 1), creationTimestamp: '' }
    return budgetKind('v1').schema.parse({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: said,
    })
  }
  const client = {
    apply: async (object: JsonObject, { namespace }: { namespace: string }) => put(namespace, object),
    patch: async ({ namespace }: { namespace: string }, change: JsonObject) => put(namespace, change),
  }
  const open = () =>
    createBudgets({
      budgets: async () => client,
      isInTurn: () => world.inTurn,
      clock: systemClock,
      steady: systemClock,
    })
  return { world, open, asked: (namespace = 'a') => stored.get(namespace)?.minAvailable }
}

const all = 2 ** 31 - 1
const minutes = (count: number) => vi.advanceTimersByTimeAsync(count * 60_000)

describe('the budget of a namespace', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('lets nobody go during a turn, and asks for nothing when that is over', async () => {
    const { world, open, asked } = aCluster()
    using budgets = open()
    await budgets.hold('a')
    world.inTurn = true
    await minutes(10)
    expect(asked()).toBe(all)
    world.inTurn = false
    await minutes(4)
    expect(asked()).toBe(0)
    expect(asked('b')).toBeUndefined()
  })

  it('is written once a minute, however many turns begin', async () => {
    const { world, open } = aCluster()
    using budgets = open()
    for (let i = 0; i < 60; i += 1) {
      await Promise.all([budgets.hold('a'), budgets.hold('a')])
      await vi.advanceTimersByTimeAsync(1000)
    }
    expect(world.writes).toBe(1)
  })

  it('comes back within a minute when somebody has deleted it', async () => {
    const { world, open, asked } = aCluster()
    using budgets = open()
    await budgets.hold('a')
    world.stored.clear()
    await minutes(1)
    await budgets.hold('a')
    expect(asked()).toBe(all)
  })

  it('is not taken down over the turn of another controller, which leads by now', async () => {
    const { open, asked } = aCluster()
    using before = open()
    using after = open()
    await before.hold('a')
    await minutes(1.9)
    await after.hold('a')
    await minutes(1)
    expect(asked()).toBe(all)
    await minutes(1.5)
    expect(asked()).toBe(0)
  })

  it('that a controller before has left up is taken down', async () => {
    const { world, open, asked } = aCluster()
    world.stored.set('a', { minAvailable: all, version: 7 })
    using budgets = open()
    budgets.settle('a')
    await minutes(3)
    budgets.settle('a')
    expect(asked()).toBe(0)
    expect(world.writes).toBe(2)
  })

  it('that cannot be put up fails, and is tried again at once', async () => {
    const { world, open, asked } = aCluster()
    using budgets = open()
    world.isDown = true
    await expect(budgets.hold('a')).rejects.toThrow('no connection')
    world.isDown = false
    await budgets.hold('a')
    expect(asked()).toBe(all)
  })
})
