import { type CommonQueryMethods, type FragmentSqlToken, sql } from 'slonik'
import { z } from 'zod'
import { RevokeReason, type SessionLimits, SessionRow } from './model.ts'

const nothing = z.strictObject({})

const columns = sql.fragment`
  id, user_id AS "userId", public_key AS "publicKey", device_label AS "deviceLabel", status,
  revoke_reason AS "revokeReason", created_at AS "createdAt", last_seen_at AS "lastSeenAt", expires_at AS "expiresAt"
`

const RevokedRow = z.object({ id: z.uuid(), userId: z.uuid(), reason: RevokeReason })
export type RevokedRow = z.infer<typeof RevokedRow>

export function findSession(db: CommonQueryMethods, id: string): Promise<SessionRow | null> {
  return db.maybeOne(sql.type(SessionRow)`SELECT ${columns} FROM backend.device_sessions WHERE id = ${id}`)
}

/** A user's sessions that nobody has ended, the most recently seen first; some may have run out. */
export function listSessions(db: CommonQueryMethods, userId: string): Promise<readonly SessionRow[]> {
  return db.any(sql.type(SessionRow)`
    SELECT ${columns}
    FROM backend.device_sessions
    WHERE user_id = ${userId} AND status = 'active'
    ORDER BY last_seen_at DESC, created_at DESC, id
  `)
}

/** False when the key belongs to another session. */
export async function insertSession(
  db: CommonQueryMethods,
  session: Pick<SessionRow, 'id' | 'userId' | 'publicKey' | 'deviceLabel' | 'createdAt' | 'expiresAt'>,
): Promise<boolean> {
  const inserted = await db.maybeOne(sql.type(z.object({ id: z.uuid() }))`
    INSERT INTO backend.device_sessions
      (id, user_id, public_key, device_label, created_at, last_seen_at, expires_at)
    VALUES
      (${session.id}, ${session.userId}, ${sql.binary(session.publicKey)}, ${session.deviceLabel},
       ${sql.timestamp(session.createdAt)}, ${sql.timestamp(session.createdAt)}, ${sql.timestamp(session.expiresAt)})
    ON CONFLICT (public_key) WHERE status = 'active' DO NOTHING
    RETURNING id
  `)
  return inserted !== null
}

/** Writes that the session was in use, unless somebody has just done so. */
export async function touchSession(
  db: CommonQueryMethods,
  { id, now, notAfter }: { id: string; now: Date; notAfter: Date },
): Promise<void> {
  await db.query(sql.type(nothing)`
    UPDATE backend.device_sessions
    SET last_seen_at = ${sql.timestamp(now)}
    WHERE id = ${id} AND status = 'active' AND last_seen_at <= ${sql.timestamp(notAfter)}
  `)
}

type Ending = { reason: RevokeReason; now: Date }

export function revokeSession(db: CommonQueryMethods, id: string, ending: Ending): Promise<readonly RevokedRow[]> {
  return revokeWhere(db, sql.fragment`id = ${id}`, ending)
}

/** Revokes one session if it is this user's. */
export function revokeSessionOf(
  db: CommonQueryMethods,
  { id, userId }: { id: string; userId: string },
  ending: Ending,
): Promise<readonly RevokedRow[]> {
  return revokeWhere(db, sql.fragment`id = ${id} AND user_id = ${userId}`, ending)
}

/** Revokes all of a user's sessions, or all but one. */
export function revokeSessionsOf(
  db: CommonQueryMethods,
  { userId, exceptId = null }: { userId: string; exceptId?: string | null },
  ending: Ending,
): Promise<readonly RevokedRow[]> {
  return revokeWhere(db, sql.fragment`user_id = ${userId} AND id IS DISTINCT FROM ${exceptId}`, ending)
}

/** Revokes what this user has opened with this key. */
export function revokeSessionsByKey(
  db: CommonQueryMethods,
  { userId, publicKey }: { userId: string; publicKey: Buffer },
  ending: Ending,
): Promise<readonly RevokedRow[]> {
  return revokeWhere(db, sql.fragment`user_id = ${userId} AND public_key = ${sql.binary(publicKey)}`, ending)
}

/** Writes down that sessions have run out: this user's, and whichever still holds this key. */
export function revokeExpired(
  db: CommonQueryMethods,
  { userId, publicKey, idleMs, now }: { userId: string; publicKey: Buffer; idleMs: number; now: Date },
): Promise<readonly RevokedRow[]> {
  const idleSince = new Date(now.getTime() - idleMs)
  const expired = sql.fragment`
    (user_id = ${userId} OR public_key = ${sql.binary(publicKey)})
    AND (expires_at <= ${sql.timestamp(now)} OR last_seen_at <= ${sql.timestamp(idleSince)})
  `
  return revokeWhere(db, expired, { reason: 'expired', now })
}

/** Revokes the user's oldest sessions so that `maxPerUser` are left, `keptId` among them. */
export function revokeOldest(
  db: CommonQueryMethods,
  { userId, keptId, maxPerUser }: { userId: string; keptId: string } & Pick<SessionLimits, 'maxPerUser'>,
  ending: Ending,
): Promise<readonly RevokedRow[]> {
  const oldest = sql.fragment`
    id IN (
      SELECT id
      FROM backend.device_sessions
      WHERE user_id = ${userId} AND status = 'active'
      ORDER BY id = ${keptId} DESC, created_at DESC, id
      OFFSET ${maxPerUser}
    )
  `
  return revokeWhere(db, oldest, ending)
}

type Pruning = { endedBefore: Date; limit: number }

/** Forgets the sessions that were revoked longest ago, `limit` at most. Returns how many. */
export function deleteRevoked(db: CommonQueryMethods, { endedBefore, limit }: Pruning): Promise<number> {
  const revoked = sql.fragment`status = 'revoked' AND revoked_at <= ${sql.timestamp(endedBefore)} ORDER BY revoked_at`
  return deleteSome(db, revoked, limit)
}

/** Forgets sessions that ran out long ago and that nobody has revoked, `limit` at most. Returns how many. */
export function deleteRunOut(
  db: CommonQueryMethods,
  { endedBefore, idleMs, limit }: Pruning & Pick<SessionLimits, 'idleMs'>,
): Promise<number> {
  const unseenSince = new Date(endedBefore.getTime() - idleMs)
  const runOut = sql.fragment`
    status = 'active'
    AND (expires_at <= ${sql.timestamp(endedBefore)} OR last_seen_at <= ${sql.timestamp(unseenSince)})
  `
  return deleteSome(db, runOut, limit)
}

/** What another replica is about to forget is left to it. */
async function deleteSome(db: CommonQueryMethods, condition: FragmentSqlToken, limit: number): Promise<number> {
  const { rowCount } = await db.query(sql.type(nothing)`
    DELETE FROM backend.device_sessions
    WHERE id IN (
      SELECT id FROM backend.device_sessions WHERE ${condition} LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )
  `)
  return rowCount
}

function revokeWhere(
  db: CommonQueryMethods,
  condition: FragmentSqlToken,
  { reason, now }: Ending,
): Promise<readonly RevokedRow[]> {
  return db.any(sql.type(RevokedRow)`
    UPDATE backend.device_sessions
    SET status = 'revoked', revoke_reason = ${reason}, revoked_at = ${sql.timestamp(now)}
    WHERE status = 'active' AND ${condition}
    RETURNING id, user_id AS "userId", revoke_reason AS reason
  `)
}
