import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoffMs } from './backoff.ts'

describe('backoff', () => {
  it('doubles up to its cap', () => {
    const waits = [1, 2, 3, 4, 9].map((failures) => backoffMs(failures, { baseMs: 100, maxMs: 1000, random: () => 0 }))
    expect(waits).toEqual([100, 200, 400, 800, 1000])
  })

  it('is never longer than its cap, nor shorter than half of what it should be', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.double({ min: 0, max: 0.999_999, noNaN: true }), (failures, random) => {
        const wait = backoffMs(failures, { baseMs: 100, maxMs: 30_000, random: () => random })
        expect(wait).toBeLessThanOrEqual(30_000)
        expect(wait).toBeGreaterThanOrEqual(50)
      }),
    )
  })
})
