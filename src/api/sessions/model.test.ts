import { describe, expect, it } from 'vitest'
import { endedBy, endOf, type SessionRow } from './model.ts'

const limits = { idleMs: 30, absoluteMs: 180, maxPerUser: 10 }

/** Opened at 0, seen at 100. */
const session: SessionRow = {
  id: '00000000-0000-4000-8000-000000000000',
  userId: '00000000-0000-4000-8000-000000000001',
  publicKey: Buffer.alloc(32),
  deviceLabel: null,
  status: 'active',
  revokeReason: null,
  createdAt: new Date(0),
  lastSeenAt: new Date(100),
  expiresAt: new Date(180),
}

describe('a session', () => {
  it('ends when it has not been used for long', () => {
    expect(endOf(session, limits)).toEqual(new Date(130))
    expect(endedBy(session, limits, new Date(129))).toBeNull()
    expect(endedBy(session, limits, new Date(130))).toBe('expired')
  })

  it('ends some day, however much it is used', () => {
    const busy = { ...session, lastSeenAt: new Date(179) }
    expect(endOf(busy, limits)).toEqual(new Date(180))
    expect(endedBy(busy, limits, new Date(179))).toBeNull()
    expect(endedBy(busy, limits, new Date(180))).toBe('expired')
  })

  it('that was revoked stays so, for the same reason', () => {
    const revoked: SessionRow = { ...session, status: 'revoked', revokeReason: 'logout' }
    expect(endedBy(revoked, limits, new Date(101))).toBe('logout')
    expect(endedBy(revoked, limits, new Date(1000))).toBe('logout')
  })
})
