import { type CommonQueryMethods, sql } from 'slonik'
import { z } from 'zod'
import { Challenge } from './model.ts'

const nothing = z.strictObject({})

const challengeColumns = sql.fragment`
  id, email, email_canonical AS "emailCanonical", locale, code_mac AS "codeMac", pepper_kid AS "pepperKid"
`

/** Until the transaction ends, nobody else counts anything for the address: budgets hold however much comes at once. */
export async function lockAddress(db: CommonQueryMethods, emailCanonical: string): Promise<void> {
  await db.query(sql.type(z.object({}))`SELECT pg_advisory_xact_lock(hashtextextended(${emailCanonical}, 0))`)
}

/** The same for the address of a challenge; for one that does not exist, a lock of its own is taken. */
export async function lockAddressOf(db: CommonQueryMethods, challengeId: string): Promise<void> {
  await db.query(sql.type(z.object({}))`
    SELECT pg_advisory_xact_lock(hashtextextended(
      coalesce((SELECT email_canonical FROM backend.auth_challenges WHERE id = ${challengeId}), ${challengeId}::text), 0
    ))
  `)
}

const Window = z.object({ at: z.coerce.date(), sends: z.int(), failures: z.int() })
type Window = z.infer<typeof Window>

/** What was counted for an address, the latest first. */
export function listWindows(
  db: CommonQueryMethods,
  { emailCanonical, since }: { emailCanonical: string; since: Date },
): Promise<readonly Window[]> {
  return db.any(sql.type(Window)`
    SELECT window_start AS at, sends, failures
    FROM backend.email_send_windows
    WHERE email_canonical = ${emailCanonical} AND window_start > ${sql.timestamp(since)}
    ORDER BY window_start DESC
  `)
}

/** Counts `sends` mails to an address at that moment. */
export async function countSends(
  db: CommonQueryMethods,
  { emailCanonical, at, sends }: { emailCanonical: string; at: Date; sends: number },
): Promise<void> {
  await db.query(sql.type(nothing)`
    INSERT INTO backend.email_send_windows AS known (email_canonical, window_start, sends)
    VALUES (${emailCanonical}, ${sql.timestamp(at)}, ${sends})
    ON CONFLICT (email_canonical, window_start) DO UPDATE SET sends = known.sends + excluded.sends
  `)
}

/**
 * Counts a failure for the address of a challenge. Without a challenge, a row is written all the same, so that the
 * statement and its commit take as long: under a name that is no address, and one of 64 an hour, so that guesses at
 * unknown challenges neither fill the table nor wait for each other.
 */
export async function countFailure(
  db: CommonQueryMethods,
  { challengeId, at }: { challengeId: string | null; at: Date },
): Promise<void> {
  await db.query(sql.type(nothing)`
    INSERT INTO backend.email_send_windows AS known (email_canonical, window_start, failures)
    SELECT
      coalesce(email_canonical, 'unknown ' || floor(random() * 64)),
      CASE WHEN email_canonical IS NULL THEN date_trunc('hour', moment) ELSE moment END,
      1
    FROM (SELECT ${sql.timestamp(at)} AS moment) AS given
    LEFT JOIN backend.auth_challenges ON id = ${challengeId}
    ON CONFLICT (email_canonical, window_start) DO UPDATE SET failures = known.failures + 1
  `)
}

/** Takes a failure back that turned out to be none. */
export async function uncountFailure(
  db: CommonQueryMethods,
  { emailCanonical, at }: { emailCanonical: string; at: Date },
): Promise<void> {
  await db.query(sql.type(nothing)`
    UPDATE backend.email_send_windows
    SET failures = failures - 1
    WHERE email_canonical = ${emailCanonical} AND window_start = ${sql.timestamp(at)} AND failures > 0
  `)
}

export type NewChallenge = Challenge & { createdAt: Date; expiresAt: Date; requesterIpHash: Buffer | null }

export async function insertChallenge(db: CommonQueryMethods, challenge: NewChallenge): Promise<void> {
  const { requesterIpHash } = challenge
  await db.query(sql.type(nothing)`
    INSERT INTO backend.auth_challenges
      (id, email, email_canonical, locale, code_mac, pepper_kid, created_at, expires_at, requester_ip_hash)
    VALUES
      (${challenge.id}, ${challenge.email}, ${challenge.emailCanonical}, ${challenge.locale},
       ${sql.binary(challenge.codeMac)}, ${challenge.pepperKid}, ${sql.timestamp(challenge.createdAt)},
       ${sql.timestamp(challenge.expiresAt)}, ${requesterIpHash && sql.binary(requesterIpHash)})
  `)
}

/** Counts an attempt, and gives the challenge to compare with; null when no attempt is left, for whatever reason. */
export function takeAttempt(
  db: CommonQueryMethods,
  attempt: { challengeId: string; now: Date; maxAttempts: number; maxFailures: number; failuresSince: Date },
): Promise<Challenge | null> {
  return db.maybeOne(sql.type(Challenge)`
    UPDATE backend.auth_challenges AS challenge
    SET attempts = attempts + 1
    WHERE id = ${attempt.challengeId} AND consumed_at IS NULL
      AND attempts < ${attempt.maxAttempts} AND expires_at > ${sql.timestamp(attempt.now)}
      AND ${attempt.maxFailures} > (
        SELECT coalesce(sum(failures), 0)
        FROM backend.email_send_windows AS counted
        WHERE counted.email_canonical = challenge.email_canonical
          AND counted.window_start > ${sql.timestamp(attempt.failuresSince)}
      )
    RETURNING ${challengeColumns}
  `)
}

/** Locks a challenge that is still to be used. False when it has been used. */
export async function lockUnusedChallenge(db: CommonQueryMethods, id: string): Promise<boolean> {
  const locked = await db.maybeOne(sql.type(z.object({ id: z.uuid() }))`
    SELECT id FROM backend.auth_challenges WHERE id = ${id} AND consumed_at IS NULL FOR UPDATE
  `)
  return locked !== null
}

export async function consumeChallenge(
  db: CommonQueryMethods,
  { id, sessionId, now }: { id: string; sessionId: string; now: Date },
): Promise<void> {
  await db.query(sql.type(nothing)`
    UPDATE backend.auth_challenges
    SET consumed_at = ${sql.timestamp(now)}, result_session = ${sessionId}
    WHERE id = ${id}
  `)
}

const Used = Challenge.extend({ sessionId: z.uuid() })
type Used = z.infer<typeof Used>

/** A challenge that was used lately by the device with this key, and the session that came of it. */
export function findUsedChallenge(
  db: CommonQueryMethods,
  { challengeId, publicKey, since }: { challengeId: string; publicKey: Buffer; since: Date },
): Promise<Used | null> {
  return db.maybeOne(sql.type(Used)`
    SELECT challenge.id, email, email_canonical AS "emailCanonical", locale, code_mac AS "codeMac",
           pepper_kid AS "pepperKid", result_session AS "sessionId"
    FROM backend.auth_challenges AS challenge
    JOIN backend.device_sessions AS session ON session.id = result_session
    WHERE challenge.id = ${challengeId} AND consumed_at > ${sql.timestamp(since)}
      AND session.public_key = ${sql.binary(publicKey)} AND session.status = 'active'
  `)
}

type Pruning = { before: Date; limit: number }

/** Forgets challenges that ended long ago; those that somebody is busy with are left for later. Returns how many. */
export async function deleteOldChallenges(db: CommonQueryMethods, { before, limit }: Pruning): Promise<number> {
  const { rowCount } = await db.query(sql.type(nothing)`
    DELETE FROM backend.auth_challenges
    WHERE id IN (
      SELECT id
      FROM backend.auth_challenges
      WHERE expires_at <= ${sql.timestamp(before)}
      ORDER BY expires_at
      LIMIT ${limit}
      FOR UPDATE SKIP LOCKED
    )
  `)
  return rowCount
}

/** Forgets what no budget looks at any more. Returns how many rows that was. */
export async function deleteOldWindows(db: CommonQueryMethods, { before, limit }: Pruning): Promise<number> {
  const { rowCount } = await db.query(sql.type(nothing)`
    DELETE FROM backend.email_send_windows
    WHERE (email_canonical, window_start) IN (
      SELECT email_canonical, window_start
      FROM backend.email_send_windows
      WHERE window_start <= ${sql.timestamp(before)}
      ORDER BY window_start
      LIMIT ${limit}
      FOR UPDATE SKIP LOCKED
    )
  `)
  return rowCount
}
