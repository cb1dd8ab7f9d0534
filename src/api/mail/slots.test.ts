import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSlots, type Slot } from './slots.ts'

const limits = { connections: 8, perDomain: 3, giveWayAfterMs: 3_000 }

type Given = Partial<Pick<Slot, 'domain' | 'domainKnown' | 'source' | 'stalled' | 'failures'>>

/** Slots, and which attempts had to give way. */
function aLane(given: Partial<typeof limits> = {}) {
  const slots = createSlots({ ...limits, ...given })
  const gaveWay: string[] = []
  const begin = (
    name: string,
    nowMs: number,
    { domain = name, domainKnown = false, source = null, stalled = false, failures = 0 }: Given = {},
  ) => {
    const slot: Slot = {
      domain,
      domainKnown,
      source,
      stalled,
      failures,
      startedAtMs: nowMs,
      giveWay: () => void gaveWay.push(name),
    }
    slots.take(slot, nowMs)
    return slot
  }
  return { ...slots, begin, gaveWay }
}

describe('the slots of a lane', () => {
  it('keep a quarter for domains that mail has been sent to before', () => {
    const lane = aLane()
    for (let n = 0; n < 6; n += 1) lane.begin(`made-up-${n}`, 0)
    expect(lane.openings(1)).toMatchObject({ known: true, unknown: false })
    lane.begin('a', 1, { domainKnown: true })
    lane.begin('b', 1, { domainKnown: true })
    expect(lane.openings(1)).toMatchObject({ known: false, unknown: false })
  })

  it('are limited for each domain', () => {
    const lane = aLane()
    for (const name of ['a', 'b', 'c']) lane.begin(name, 0, { domain: 'slow.example' })
    expect(lane.openings(1)).toMatchObject({ known: true, unknown: true, fullDomains: ['slow.example'] })
  })

  it('are limited for each source, whatever domains it makes up', () => {
    const lane = aLane()
    for (const name of ['a', 'b', 'c']) lane.begin(name, 0, { source: 'one' })
    lane.begin('d', 0, { source: 'other' })
    expect(lane.openings(1)).toMatchObject({ unknown: true, fullDomains: [], fullSources: ['one'] })
    lane.begin('e', 3_000, { source: 'one' })
    expect(lane.gaveWay).toEqual(['a'])
  })

  it('are given up later by an attempt at mail that has failed before', () => {
    const lane = aLane({ connections: 1 })
    lane.begin('again', 0, { failures: 2 })
    expect(lane.openings(11_999)).toMatchObject({ known: false })
    expect(lane.openings(12_000)).toMatchObject({ known: true })
  })

  it('are given up sooner where mail goes out quickly', () => {
    const lane = aLane({ connections: 1 })
    lane.leave(lane.begin('quick', 0), { succeeded: true, nowMs: 300 })
    lane.begin('slow', 1_000)
    expect(lane.openings(2_499)).toMatchObject({ known: false })
    expect(lane.openings(2_500)).toMatchObject({ known: true })
  })

  it('are given up by the attempt that has waited longest, once something else waits', () => {
    const lane = aLane()
    for (let n = 0; n < 6; n += 1) lane.begin(`made-up-${n}`, n)
    expect(lane.openings(3_000)).toMatchObject({ unknown: true })
    expect(lane.gaveWay).toEqual([])
    lane.begin('other', 3_000)
    expect(lane.gaveWay).toEqual(['made-up-0'])
  })

  it('of a domain are given up to the same domain', () => {
    const lane = aLane()
    for (const name of ['a', 'b', 'c']) lane.begin(name, 0, { domain: 'slow.example' })
    expect(lane.openings(3_000).fullDomains).toEqual([])
    lane.begin('d', 3_000, { domain: 'slow.example' })
    expect(lane.gaveWay).toEqual(['a'])
  })

  it('are never taken from mail that has stalled, which has a quarter of them at most and one for each domain', () => {
    const lane = aLane()
    lane.begin('a', 0, { domain: 'slow.example', stalled: true })
    expect(lane.openings(1)).toMatchObject({ stalled: true, stalledDomains: ['slow.example'] })
    lane.begin('b', 0, { stalled: true })
    expect(lane.openings(1)).toMatchObject({ stalled: false })
    for (let n = 0; n < 6; n += 1) lane.begin(`known-${n}`, 100_000, { domainKnown: true })
    expect(lane.openings(100_001)).toMatchObject({ known: false })
    expect(lane.gaveWay).toEqual([])
  })

  it('are never more than there are connections, whatever begins when it may', () => {
    const kind = fc.constantFrom('known', 'unknown', 'stalled')
    const step = fc.record({
      kind,
      domain: fc.constantFrom('a', 'b', 'c', 'd'),
      afterMs: fc.nat(4_000),
      leaves: fc.nat(9),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (steps, connections) => {
        const lane = aLane({ connections })
        const begun: Slot[] = []
        let nowMs = 0
        for (const { kind: of, domain, afterMs, leaves } of steps) {
          nowMs += afterMs
          const left = begun[leaves]
          if (left) lane.leave(left, { succeeded: false, nowMs })
          const { fullDomains, stalledDomains, fullSources: _none, ...openings } = lane.openings(nowMs)
          const isFull = fullDomains.includes(domain) || (of === 'stalled' && stalledDomains.includes(domain))
          if (openings[of] && !isFull) {
            begun.push(lane.begin(domain, nowMs, { domainKnown: of === 'known', stalled: of === 'stalled' }))
          }
          expect(lane.size()).toBeLessThanOrEqual(connections)
        }
      }),
    )
  })
})
