import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { epochFloor, maxAheadMs } from './epoch-floor.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const moment = fc.integer({ min: noon - 60_000, max: noon + 60_000 })
const knowledge = fc.record({ epochMs: moment, storeMs: moment, aheadMs: fc.nat(60_000), newestMs: moment })

describe('the floor of a new epoch', () => {
  it('never lies before an earlier epoch or the present', () => {
    fc.assert(
      fc.property(knowledge, (known) => {
        expect(epochFloor(known)).toBeGreaterThanOrEqual(Math.max(known.epochMs, known.storeMs))
      }),
    )
  })

  it('lies after every request that a gateway up to 10 s ahead let through', () => {
    fc.assert(
      fc.property(knowledge, (known) => {
        const newest = known.storeMs + Math.min(known.aheadMs, maxAheadMs)
        expect(epochFloor(known)).toBeGreaterThanOrEqual(newest)
      }),
    )
  })

  it('is put off by 10 s at most by a device whose clock is fast', () => {
    const known = { epochMs: 0, storeMs: noon, aheadMs: 0 }
    expect(epochFloor({ ...known, newestMs: noon + 5000 })).toBe(noon + 5001)
    expect(epochFloor({ ...known, newestMs: noon + 60_000 })).toBe(noon + maxAheadMs)
  })
})
