import { z } from 'zod'
import { Refusal } from '../../platform/errors.ts'

export const RevokeReason = z.enum([
  'logout',
  'user',
  'admin',
  'permanent_block',
  'deleted',
  'expired',
  'superseded',
  'key_reuse',
])
export type RevokeReason = z.infer<typeof RevokeReason>

/** How long sessions live, unused and at all, and how many a user has at most. */
export type SessionLimits = { idleMs: number; absoluteMs: number; maxPerUser: number }

const dayMs = 86_400_000

export const defaultSessionLimits: SessionLimits = { idleMs: 30 * dayMs, absoluteMs: 180 * dayMs, maxPerUser: 10 }

/** How long it is known of a session that has ended why it has. */
export const keepEndedMs = 30 * dayMs

/** A session as its row has it: one that has run out may still be called active there. */
export const SessionRow = z.object({
  id: z.uuid(),
  userId: z.uuid(),
  publicKey: z.instanceof(Buffer),
  deviceLabel: z.string().nullable(),
  status: z.enum(['active', 'revoked']),
  revokeReason: RevokeReason.nullable(),
  createdAt: z.coerce.date(),
  lastSeenAt: z.coerce.date(),
  expiresAt: z.coerce.date(),
})
export type SessionRow = z.infer<typeof SessionRow>

export type NewSession = {
  userId: string
  /** Raw Ed25519, 32 bytes. */
  publicKey: Uint8Array
  deviceLabel: string | null
  now: Date
  newId: () => string
  limits: SessionLimits
}

/** When the session ends if nobody uses it until then. */
export function endOf({ expiresAt, lastSeenAt }: SessionRow, { idleMs }: SessionLimits): Date {
  return new Date(Math.min(expiresAt.getTime(), lastSeenAt.getTime() + idleMs))
}

/** Why the session is no longer good, or null while it is. */
export function endedBy(session: SessionRow, limits: SessionLimits, now: Date): RevokeReason | null {
  if (session.revokeReason) return session.revokeReason
  return endOf(session, limits) <= now ? 'expired' : null
}

export function sessionNotFound(): Refusal {
  return new Refusal('missing', 'session_not_found', 'There is no such session.')
}
