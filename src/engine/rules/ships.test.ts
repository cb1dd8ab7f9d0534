import { describe, expect, it } from 'vitest'
import { createRandom, shuffled } from './random.ts'
import { frigate, hauler, sampleGroup } from './sample.ts'
import { bombPower, capacity, designMass, groupSpeed, hitChance, shipCost, speed } from './ships.ts'

const levels = { drive: 1, weapons: 1, shields: 1, cargo: 1 }

describe('a ship', () => {
  it('weighs the sum of its parts; each gun after the first weighs half', () => {
    expect(designMass(frigate)).toBe(15 + 7.5 + 10)
    expect(designMass(hauler)).toBe(25)
  })

  it('is slower with a load, faster with better drives, and lighter loaded with better holds', () => {
    expect(speed(hauler, levels, 0)).toBe(16)
    expect(speed(hauler, levels, 7)).toBe(12.5)
    expect(speed(hauler, { ...levels, drive: 2 }, 0)).toBe(32)
    expect(speed(hauler, { ...levels, cargo: 2 }, 14)).toBe(12.5)
    expect(
      groupSpeed(sampleGroup({ owner: 'T', design: hauler, ships: 2, cargo: { kind: 'capital', amount: 14 } })),
    ).toBe(12.5)
  })

  it('carries more with better holds', () => {
    expect(capacity(hauler, levels)).toBe(7.5)
    expect(capacity(hauler, { ...levels, cargo: 2 })).toBe(15)
  })

  it('costs less where resources are plenty', () => {
    expect(shipCost(hauler, 10)).toBeCloseTo(252.5)
    expect(shipCost(hauler, 0.1)).toBe(500)
  })

  it('bombs with every gun', () => {
    expect(bombPower(sampleGroup({ owner: 'T', ships: 3 }))).toBe(30)
  })
})

describe('a shot', () => {
  const shooter = sampleGroup({ owner: 'T' })

  it('always hits what has no shields, and never is without a chance', () => {
    expect(hitChance(shooter, sampleGroup({ owner: 'V', design: hauler }))).toBe(1)
    const fortress = sampleGroup({ owner: 'V', design: { ...frigate, shields: 10_000 } })
    expect(hitChance(shooter, fortress)).toBeGreaterThan(0)
  })

  it('hits the better the better the weapons are, and the worse the better the shields', () => {
    const target = sampleGroup({ owner: 'V' })
    const base = hitChance(shooter, target)
    expect(hitChance({ ...shooter, levels: { ...levels, weapons: 2 } }, target)).toBeGreaterThan(base)
    expect(hitChance(shooter, { ...target, levels: { ...levels, shields: 2 } })).toBeLessThan(base)
  })
})

describe('a generator', () => {
  it('gives the same numbers for the same words, others for others, all in [0, 1)', () => {
    const numbers = (...words: string[]) => Array.from({ length: 1000 }, createRandom(...words))
    expect(numbers('a', 'b')).toEqual(numbers('a', 'b'))
    expect(numbers('a', 'b')).not.toEqual(numbers('ab'))
    const drawn = numbers('x')
    expect(drawn.every((each) => each >= 0 && each < 1)).toBe(true)
    expect(drawn.reduce((sum, each) => sum + each, 0) / drawn.length).toBeCloseTo(0.5, 1)
  })

  it('shuffles without losing anything', () => {
    const items = Array.from({ length: 50 }, (_, index) => index)
    const mixed = shuffled(createRandom('s'), items)
    expect(mixed).not.toEqual(items)
    expect(mixed.toSorted((a, b) => a - b)).toEqual(items)
  })
})
