import { describe, expect, it } from 'vitest'
import { withCondition } from './conditions.ts'

const first = { now: new Date('2026-01-01T00:00:00.500Z'), observedGeneration: 1 }
const later = { now: new Date('2026-01-02T00:00:00Z'), observedGeneration: 2 }
const ready = { type: 'Ready', status: 'True' as const, reason: 'Ready', message: 'it is' }

describe('conditions', () => {
  it('keep the moment of their last change of status', () => {
    const before = withCondition([], ready, first)
    expect(before).toEqual([{ ...ready, observedGeneration: 1, lastTransitionTime: '2026-01-01T00:00:00Z' }])
    const [same] = withCondition(before, { ...ready, message: 'still' }, later)
    expect(same).toMatchObject({ message: 'still', observedGeneration: 2, lastTransitionTime: '2026-01-01T00:00:00Z' })
    const [changed] = withCondition(before, { ...ready, status: 'False' }, later)
    expect(changed?.lastTransitionTime).toBe('2026-01-02T00:00:00Z')
  })

  it('keep their order', () => {
    const both = withCondition(withCondition([], ready, first), { ...ready, type: 'Degraded' }, first)
    expect(withCondition(both, { ...ready, status: 'False' }, later).map(({ type }) => type)).toEqual([
      'Ready',
      'Degraded',
    ])
  })
})
