import type { CommonQueryMethods } from 'slonik'
import { Refusal } from '../../platform/errors.ts'
import { announceOpened, announceRevoked } from './announce.ts'
import type { NewSession } from './model.ts'
import * as store from './store.ts'

/**
 * Opens a session in the caller's transaction, which holds the lock on the user's row (`ensureUser` takes it): so the
 * sessions of one user are opened one after another, and never more than `maxPerUser` stay.
 * A session that the user has already opened with this key is replaced; beyond the maximum, the oldest ones are.
 * @returns the new session's id
 * @throws Refusal `key_in_use` when the key is another user's
 */
export async function openSession(db: CommonQueryMethods, session: NewSession): Promise<string> {
  const { userId, deviceLabel, now, limits } = session
  const publicKey = Buffer.from(session.publicKey)
  const id = session.newId()
  const superseded = { reason: 'superseded', now } as const

  const expired = await store.revokeExpired(db, { userId, publicKey, idleMs: limits.idleMs, now })
  const replaced = await store.revokeSessionsByKey(db, { userId, publicKey }, superseded)
  const expiresAt = new Date(now.getTime() + limits.absoluteMs)
  if (!(await store.insertSession(db, { id, userId, publicKey, deviceLabel, createdAt: now, expiresAt }))) {
    throw new Refusal('conflict', 'key_in_use', 'This device key belongs to another account: make a new one.')
  }
  const evicted = await store.revokeOldest(db, { userId, keptId: id, maxPerUser: limits.maxPerUser }, superseded)

  await announceRevoked(db, [...expired, ...replaced, ...evicted], now)
  const open = await store.listSessions(db, userId)
  const others = open.map((other) => other.id).filter((other) => other !== id)
  await announceOpened(db, { id, userId, deviceLabel, others }, now)
  return id
}
