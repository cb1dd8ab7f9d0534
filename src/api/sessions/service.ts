import type { DatabasePool } from 'slonik'
import type { DeviceSession } from '../../messages/index.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import type { Identity } from '../identity/index.ts'
import { announceRevoked } from './announce.ts'
import {
  endedBy,
  endOf,
  keepEndedMs,
  type RevokeReason,
  type SessionLimits,
  type SessionRow,
  sessionNotFound,
} from './model.ts'
import * as store from './store.ts'
import { createTouches } from './touches.ts'

export type SessionsDeps = { db: DatabasePool; clock: Clock; limits: SessionLimits; log: Log }

/** What the gateway is told of a session. */
export type SessionView = {
  id: string
  userId: string
  publicKey: Uint8Array
  /** Why the session is no longer good; null while it is. */
  endedBy: RevokeReason | null
  expiresAt: Date
}

export type SessionsService = ReturnType<typeof createSessionsService>

/**
 * Sessions are not kept in memory, although one is looked up for every signed request: each look is one read by primary
 * key, so that a revocation made on any replica counts from the next request on, everywhere.
 */
export function createSessionsService({ db, clock, limits, log }: SessionsDeps) {
  const touches = createTouches({ db, log })
  return { lookUp, list, revokeOwn, revokeOthers, logOut, revoke, revokeAll, forgetEnded, settled: touches.settled }

  /**
   * A session, good or not. One that is good counts as seen.
   * @throws Refusal `session_not_found`
   */
  async function lookUp(id: string): Promise<SessionView> {
    const session = await store.findSession(db, id)
    if (!session) throw sessionNotFound()
    const now = clock.now()
    const ended = endedBy(session, limits, now)
    if (!ended) touches.touch(session, now)
    return {
      id: session.id,
      userId: session.userId,
      publicKey: session.publicKey,
      endedBy: ended,
      expiresAt: endOf(session, limits),
    }
  }

  /** The devices that are signed in, the most recently seen first. */
  async function list({ userId, deviceSessionId }: Identity): Promise<DeviceSession[]> {
    const now = clock.now()
    const sessions = await store.listSessions(db, userId)
    return sessions
      .filter((session) => !endedBy(session, limits, now))
      .map((session) => toDeviceSession(session, { current: session.id === deviceSessionId, limits }))
  }

  /**
   * Signs out one of the user's devices. Again: 0 are revoked.
   * @throws Refusal `session_not_found`, also for somebody else's
   */
  async function revokeOwn({ userId }: Identity, id: string): Promise<number> {
    const session = await store.findSession(db, id)
    if (session?.userId !== userId) throw sessionNotFound()
    return end((tx, ending) => store.revokeSessionOf(tx, { id, userId }, ending), 'user')
  }

  /** Signs out all of the user's devices but the one that asks. */
  function revokeOthers({ userId, deviceSessionId }: Identity): Promise<number> {
    return end((tx, ending) => store.revokeSessionsOf(tx, { userId, exceptId: deviceSessionId }, ending), 'user')
  }

  /** Signs out the device that asks. */
  function logOut({ userId, deviceSessionId: id }: Identity): Promise<number> {
    return end((tx, ending) => store.revokeSessionOf(tx, { id, userId }, ending), 'logout')
  }

  /**
   * Ends any session. Again: 0 are revoked.
   * @throws Refusal `session_not_found`
   */
  async function revoke(id: string, reason: RevokeReason): Promise<number> {
    if (!(await store.findSession(db, id))) throw sessionNotFound()
    return end((tx, ending) => store.revokeSession(tx, id, ending), reason)
  }

  /** Ends all sessions of a user. */
  function revokeAll(userId: string, reason: RevokeReason): Promise<number> {
    return end((tx, ending) => store.revokeSessionsOf(tx, { userId }, ending), reason)
  }

  /**
   * Forgets sessions, `limit` of each sort at most, that ended so long ago that nobody asks for the reason any more: from
   * then on they are unknown. Returns how many; two replicas at once forget different ones.
   */
  async function forgetEnded(limit: number): Promise<number> {
    const endedBefore = new Date(clock.now().getTime() - keepEndedMs)
    const revoked = await store.deleteRevoked(db, { endedBefore, limit })
    return revoked + (await store.deleteRunOut(db, { endedBefore, idleMs: limits.idleMs, limit }))
  }

  /** Revokes and tells of it, both or neither: a revocation that the gateways do not hear of would leave streams open. */
  function end(revokeIn: Revoke, reason: RevokeReason): Promise<number> {
    const now = clock.now()
    return db.transaction(async (tx) => {
      const revoked = await revokeIn(tx, { reason, now })
      await announceRevoked(tx, revoked, now)
      return revoked.length
    })
  }
}

type Revoke = (
  db: Parameters<typeof store.revokeSession>[0],
  ending: Parameters<typeof store.revokeSession>[2],
) => Promise<readonly store.RevokedRow[]>

function toDeviceSession(
  session: SessionRow,
  { current, limits }: { current: boolean; limits: SessionLimits },
): DeviceSession {
  return {
    id: session.id,
    device_label: session.deviceLabel,
    created_at: session.createdAt.toISOString(),
    last_seen_at: session.lastSeenAt.toISOString(),
    expires_at: endOf(session, limits).toISOString(),
    current,
  }
}
