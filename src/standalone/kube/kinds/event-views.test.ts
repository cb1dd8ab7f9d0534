import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toCoreV1, toEventsV1 } from './event-views.ts'

const event = {
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'e' },
  involvedObject: { kind: 'Game', name: 'a' },
  message: 'it started',
  reason: 'Started',
  source: { component: 'galaxy' },
  count: 3,
  firstTimestamp: '2026-01-01T00:00:00Z',
  lastTimestamp: '2026-01-01T00:00:01Z',
  reportingComponent: 'galaxy',
}

describe('the two forms of an event', () => {
  it('names fields as each group does', () => {
    expect(toEventsV1(event)).toEqual({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'e' },
      regarding: { kind: 'Game', name: 'a' },
      note: 'it started',
      reason: 'Started',
      deprecatedSource: { component: 'galaxy' },
      deprecatedCount: 3,
      deprecatedFirstTimestamp: '2026-01-01T00:00:00Z',
      deprecatedLastTimestamp: '2026-01-01T00:00:01Z',
      reportingController: 'galaxy',
    })
  })

  it('lose nothing on the way there and back', () => {
    const parts = fc.subarray(Object.entries(event))
    fc.assert(
      fc.property(parts, (entries) => {
        const some = { ...Object.fromEntries(entries), apiVersion: 'v1' }
        expect(toCoreV1(toEventsV1(some))).toEqual(some)
      }),
    )
  })
})
