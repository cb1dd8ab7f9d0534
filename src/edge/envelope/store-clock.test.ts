import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStoreClock } from './store-clock.ts'

const offsetMs = 1_772_366_400_000

/** A reading at local time `atMs`, sent `before` and read `after`, by a clock that is `offset` ahead of the local one. */
const reading = ([atMs, before, after]: readonly [number, number, number], offset = offsetMs) => ({
  sentMs: atMs - before,
  receivedMs: atMs + after,
  storeMs: Math.floor(atMs + offset),
})

const latencies = fc.tuple(fc.nat(400), fc.nat(2000))
const readings = fc.array(fc.tuple(fc.nat(5000), latencies), { minLength: 1, maxLength: 30 })

describe("the store's clock", () => {
  it('always lies between the bounds, however late replies are read', () => {
    fc.assert(
      fc.property(readings, fc.nat(10_000), (steps, laterMs) => {
        const clock = createStoreClock()
        let atMs = 0
        for (const [step, [before, after]] of steps) {
          atMs += step + before + after
          expect(clock.learn(reading([atMs, before, after]))).toBe('steady')
        }
        const localMs = atMs + 2000 + laterMs
        expect(clock.latest(localMs)).toBeGreaterThanOrEqual(localMs + offsetMs)
        expect(clock.earliest(localMs)).toBeLessThanOrEqual(localMs + offsetMs)
      }),
    )
  })

  it('is known to a few milliseconds after one quick reply, though others were slow', () => {
    const clock = createStoreClock()
    clock.learn(reading([1000, 200, 400]))
    clock.learn(reading([2000, 1, 1]))
    clock.learn(reading([3000, 200, 400]))
    expect(clock.latest(3400)).toBeLessThanOrEqual(3400 + offsetMs + 6)
    expect(clock.earliest(3400)).toBeGreaterThanOrEqual(3400 + offsetMs - 6)
  })

  it.each([
    { move: 'forward', byMs: 120_000 },
    { move: 'back', byMs: -120_000 },
    { move: 'steady', byMs: 20 },
  ])('that is set by $byMs ms moves: $move', ({ move, byMs }) => {
    const clock = createStoreClock()
    clock.learn(reading([1000, 5, 5]))
    expect(clock.learn(reading([2000, 5, 5], offsetMs + byMs))).toBe(move)
    expect(clock.learn(reading([3000, 5, 5], offsetMs + byMs))).toBe('steady')
    expect(Math.abs((clock.latest(3005) ?? 0) - 3005 - offsetMs - byMs)).toBeLessThan(10)
  })

  it('is not known before the first reading', () => {
    expect(createStoreClock().latest(0)).toBeUndefined()
    expect(createStoreClock().earliest(0)).toBeUndefined()
  })
})
