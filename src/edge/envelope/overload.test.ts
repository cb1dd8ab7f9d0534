import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../platform/metrics.ts'
import { aGateway, aRequest } from './fixtures.ts'
import { createOverload } from './overload.ts'

function anOverload() {
  const metrics = createMetrics({ runtime: false })
  const overload = createOverload({ metrics, maxDelayMs: 500 })
  const measured = (...delays: number[]) => {
    for (const delay of delays) overload.measured(delay)
  }
  return { ...overload, metrics, measured }
}

describe('load shedding', () => {
  it('lets calls in while the event loop keeps up, and after a single pause', () => {
    using overload = anOverload()
    for (const delay of [0, 90, 2000, 0, 2000, 3000, 10]) {
      overload.measured(delay)
      expect(() => overload.admit()).not.toThrow()
    }
  })

  it('refuses calls with a code and retry information while the event loop stays late, and counts them', async () => {
    using overload = anOverload()
    overload.measured(600, 900, 700)
    expect(() => overload.admit()).toThrow(
      expect.objectContaining({ kind: 'unavailable', reason: 'overloaded', details: { retry_after_ms: 1000 } }),
    )
    expect(await overload.metrics.metrics()).toContain('gateway_calls_shed_total 1')
    overload.measured(20)
    expect(() => overload.admit()).not.toThrow()
  })

  it('measures the event loop by itself', async () => {
    const metrics = createMetrics({ runtime: false })
    using overload = createOverload({ metrics, maxDelayMs: 50 })
    const shed = () => {
      const endMs = performance.now() + 250
      while (performance.now() < endMs);
      return overload.admit.bind(overload)
    }
    await expect.poll(() => String(expectThrown(shed()))).toContain('overloaded')
    await expect.poll(() => expectThrown(() => overload.admit())).toBeUndefined()
  })

  it('stands before every stage: nothing is looked up or reserved', async () => {
    using overload = anOverload()
    overload.measured(600, 900, 700)
    let reserved = 0
    const replay = { reserve: async () => ((reserved += 1), 'reserved' as const) }
    const gateway = aGateway({ overload, replay })
    await expect(gateway.authenticate(aRequest({ requestId: 'short' }))).rejects.toMatchObject({ reason: 'overloaded' })
    expect({ asked: gateway.asked, reserved }).toEqual({ asked: [], reserved: 0 })
  })
})

function expectThrown(work: () => void): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return error
  }
}
