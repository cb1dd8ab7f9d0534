import type { CommonQueryMethods } from 'slonik'
import { publishEvent, publishInvalidation } from '../push/index.ts'
import type { RevokedRow } from './store.ts'

/**
 * Tells of revoked sessions in the transaction that has revoked them. Each device's streams are cut first: the event
 * that follows reaches the user's other devices, and the revoked one hears nothing any more.
 */
export async function announceRevoked(db: CommonQueryMethods, revoked: readonly RevokedRow[], now: Date) {
  for (const { id, userId, reason } of revoked) {
    await publishInvalidation(db, { userId, deviceSessionId: id, reason, now })
  }
  for (const { id, userId, reason } of revoked) {
    const payload = { session_id: id, reason }
    await publishEvent(db, { userId, eventType: 'user.session.revoked', payload, now })
  }
}

/** Tells the user's other devices of a new one. */
export async function announceOpened(
  db: CommonQueryMethods,
  { id, userId, deviceLabel, others }: { id: string; userId: string; deviceLabel: string | null; others: string[] },
  now: Date,
) {
  for (const deviceSessionId of others) {
    const payload = { session_id: id, device_label: deviceLabel }
    await publishEvent(db, { userId, deviceSessionId, eventType: 'user.session.created', payload, now })
  }
}
