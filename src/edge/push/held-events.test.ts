import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anEvent, at, countingSigner, epoch } from './fixtures.ts'
import { createHeldEvents } from './held-events.ts'
import { hubEvent } from './signed-events.ts'

const everybody = () => true
const make = (position: number, bytes = 10) =>
  hubEvent(anEvent(position, { payload: new Uint8Array(bytes) }), countingSigner())

describe('held events', () => {
  it('after any place are exactly the ones that came after it, or are known not to be complete', () => {
    // Positions grow, but not by one: other frames have positions, too.
    const steps = fc.array(fc.record({ by: fc.integer({ min: 1, max: 3 }), isEvent: fc.boolean() }), { maxLength: 60 })
    const limits = fc.record({ events: fc.integer({ min: 1, max: 15 }), bytes: fc.integer({ min: 600, max: 20_000 }) })
    fc.assert(
      fc.property(steps, limits, fc.nat(1000), (steps, limits, start) => {
        const held = createHeldEvents(limits)
        held.moveTo(at(start))
        let last = start
        const all: number[] = []
        for (const { by, isEvent } of steps) {
          last += by
          if (isEvent) {
            all.push(last)
            held.add(make(last))
          } else held.moveTo(at(last))
        }
        const known = Math.min(all.length, limits.events, Math.floor(limits.bytes / make(0).bytes))
        const floor = known === all.length ? start : (all.at(-known - 1) ?? last)
        for (let place = start - 1; place <= last + 1; place += 1) {
          const found = held.after(`${epoch}.${place}`, everybody)?.missed.map(({ cursor }) => cursor.position)
          const complete = place >= floor && place <= last
          expect(found, `after ${place}`).toEqual(complete ? all.filter((position) => position > place) : undefined)
        }
      }),
    )
  })

  it('are forgotten when another epoch begins', () => {
    const held = createHeldEvents({ events: 10, bytes: 10_000 })
    held.moveTo(at(0))
    held.add(make(1))
    const other = '00000000-0000-4000-8000-000000000000'
    held.moveTo({ epoch: other, position: 1 })
    expect(held.after(`${epoch}.0`, everybody)).toBeUndefined()
    expect(held.after(`${other}.1`, everybody)).toEqual({ from: { epoch: other, position: 1 }, missed: [] })
  })
})
