import { describe, expect, it } from 'vitest'
import { claimed, Lease, freeAtMs, sight } from './lease.ts'

function lease(spec: Lease['spec'], resourceVersion = '1'): Lease {
  const metadata = { name: 'leader', uid: 'u', resourceVersion, creationTimestamp: '2026-01-01T00:00:00Z' }
  return Lease.parse({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec })
}

describe('a lease', () => {
  const held = lease({ holderIdentity: 'other', leaseDurationSeconds: 15, renewTime: '1999-01-01T00:00:00.000000Z' })

  it.each([
    { whose: "nobody's", seen: lease({}), nowMs: 0, free: true },
    { whose: 'given back', seen: lease({ holderIdentity: '', leaseDurationSeconds: 1 }), nowMs: 0, free: true },
    { whose: 'our own', seen: lease({ holderIdentity: 'me', leaseDurationSeconds: 15 }), nowMs: 0, free: true },
    { whose: "another's, seen just now", seen: held, nowMs: 0, free: false },
    { whose: "another's, not changed for almost as long as it lasts", seen: held, nowMs: 14_999, free: false },
    { whose: "another's, not changed for as long as it lasts", seen: held, nowMs: 15_000, free: true },
    {
      whose: "another's that does not say how long it lasts",
      seen: lease({ holderIdentity: 'other' }),
      nowMs: 8999,
      free: false,
    },
  ])('$whose may be taken: $free, whatever its own times say', ({ seen, nowMs, free }) => {
    expect(nowMs >= freeAtMs({ lease: seen, seenAtMs: 0 }, 'me', 9000)).toBe(free)
  })

  it('counts from when it was seen to change', () => {
    const first = sight(undefined, held, 100)
    expect(sight(first, lease(held.spec, '1'), 5000)).toBe(first)
    expect(sight(first, lease(held.spec, '2'), 5000).seenAtMs).toBe(5000)
  })

  it('keeps its time of acquisition while renewed, and counts hand-overs', () => {
    const now = new Date('2026-01-02T03:04:05.678Z')
    const me = { identity: 'me', durationMs: 1500, now }
    expect(claimed(undefined, me)).toEqual({
      holderIdentity: 'me',
      leaseDurationSeconds: 2,
      acquireTime: '2026-01-02T03:04:05.678000Z',
      renewTime: '2026-01-02T03:04:05.678000Z',
      leaseTransitions: 0,
    })
    const mine = lease({ holderIdentity: 'me', acquireTime: '2026-01-01T00:00:00.000000Z', leaseTransitions: 4 })
    expect(claimed(mine, me)).toMatchObject({ acquireTime: '2026-01-01T00:00:00.000000Z', leaseTransitions: 4 })
    expect(claimed(held, me)).toMatchObject({ acquireTime: '2026-01-02T03:04:05.678000Z', leaseTransitions: 1 })
  })
})
