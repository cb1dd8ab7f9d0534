import { type CommonQueryMethods, type FragmentSqlToken, sql } from 'slonik'
import { z } from 'zod'
import { canonicalAddress } from './address.ts'
import { Claimed, type Lane, laneOf, type Mail, type Outcome } from './model.ts'
import type { Openings } from './slots.ts'
import type { Settled } from './settle.ts'

const nothing = z.object({}).strict()

/** Puts a mail into the outbox, in the transaction that is its reason. One that is there already is left as it is. */
export async function enqueueMail(db: CommonQueryMethods, mail: Mail): Promise<void> {
  await db.query(sql.type(nothing)`
    INSERT INTO backend.mail_deliveries
      (id, kind, lane, recipient, domain_known, source, locale, vars, priority, next_attempt_at, expires_at, dedup_key,
       created_at)
    VALUES
      (${mail.id}, ${mail.kind}, ${laneOf[mail.kind]}, ${mail.to},
       EXISTS (
         SELECT FROM backend.mail_deliveries
         WHERE status = 'sent' AND domain = lower(split_part(${mail.to}, '@', 2))
       ),
       ${mail.source ?? null}, ${mail.locale}, ${sql.jsonb(mail.vars)}, ${mail.priority}, ${sql.timestamp(mail.now)},
       ${sql.timestamp(mail.expiresAt)}, ${mail.dedupKey ?? null}, ${sql.timestamp(mail.now)})
    ON CONFLICT DO NOTHING
  `)
}

/** Whether nothing is sent to this address any more, because its server said that it does not exist. */
export function isSuppressed(db: CommonQueryMethods, address: string): Promise<boolean> {
  return db.exists(sql.type(nothing)`
    SELECT FROM backend.mail_suppressions WHERE address = ${canonicalAddress(address)}
  `)
}

export async function suppress(
  db: CommonQueryMethods,
  { address, reason, now }: { address: string; reason: string; now: Date },
): Promise<void> {
  await db.query(sql.type(nothing)`
    INSERT INTO backend.mail_suppressions (address, reason, at)
    VALUES (${canonicalAddress(address)}, ${reason}, ${sql.timestamp(now)})
    ON CONFLICT DO NOTHING
  `)
}

type Swept = { lane: Lane; now: Date }
const Ended = z.object({ id: z.uuid(), kind: z.string() })
type Ended = z.infer<typeof Ended>

/** Ends what nobody sends any more in time, and forgets what it said. */
export function expireDeliveries(db: CommonQueryMethods, { lane, now }: Swept): Promise<readonly Ended[]> {
  return db.any(sql.type(Ended)`
    UPDATE backend.mail_deliveries
    SET status = 'expired', vars = '{}', lease_until = NULL, lease_token = NULL
    WHERE lane = ${lane} AND status IN ('pending', 'retrying', 'sending') AND expires_at <= ${sql.timestamp(now)}
      AND (lease_until IS NULL OR lease_until <= ${sql.timestamp(now)})
    RETURNING id, kind
  `)
}

/** Sets aside what was claimed again and again without anybody writing how that ended. */
export function quarantineDeliveries(
  db: CommonQueryMethods,
  { lane, now, maxUnrecorded }: Swept & { maxUnrecorded: number },
): Promise<readonly Ended[]> {
  return db.any(sql.type(Ended)`
    UPDATE backend.mail_deliveries
    SET status = 'quarantined', vars = '{}', lease_until = NULL, lease_token = NULL,
        last_error = 'claimed ' || unrecorded || ' times in a row, and no outcome could be written'
    WHERE lane = ${lane} AND status = 'sending' AND unrecorded >= ${maxUnrecorded}
      AND lease_until <= ${sql.timestamp(now)}
    RETURNING id, kind
  `)
}

type Search = {
  lane: Lane
  now: Date
  openings: Openings
  /** Of two that are alike otherwise: the one that was due last. */
  newestFirst: boolean
  /** Deliveries that this process leaves alone. */
  except: readonly string[]
}

const Found = z.object({ id: z.uuid() })

/**
 * Locks the most urgent delivery that is due and that there is room for; a claim whose lease has run out is due again.
 * What has stalled or failed before comes last, what goes to a known domain first.
 */
export async function lockDue(db: CommonQueryMethods, search: Search): Promise<string | null> {
  const { lane, now, openings, newestFirst, except } = search
  const direction = newestFirst ? sql.fragment`DESC` : sql.fragment`ASC`
  const found = await db.maybeOne(sql.type(Found)`
    SELECT id
    FROM backend.mail_deliveries
    WHERE lane = ${lane} AND status IN ('pending', 'retrying', 'sending')
      AND next_attempt_at <= ${sql.timestamp(now)}
      AND (lease_until IS NULL OR lease_until <= ${sql.timestamp(now)})
      AND expires_at > ${sql.timestamp(now)}
      AND CASE
        WHEN stalls > 0 THEN ${openings.stalled} AND domain <> ALL(${sql.array(openings.stalledDomains, 'text')})
        WHEN domain_known THEN ${openings.known}
        ELSE ${openings.unknown}
      END
      AND domain <> ALL(${sql.array(openings.fullDomains, 'text')})
      AND (source IS NULL OR source <> ALL(${sql.array(openings.fullSources, 'text')}))
      AND id <> ALL(${sql.array(except, 'uuid')})
    ORDER BY priority DESC, stalls > 0, failures > 0, domain_known DESC, next_attempt_at ${direction}
    LIMIT 1
    FOR UPDATE SKIP LOCKED
  `)
  return found?.id ?? null
}

/** Claims a delivery that the caller's transaction has locked. */
export function claimDelivery(
  db: CommonQueryMethods,
  { id, leaseUntil, leaseToken }: { id: string; leaseUntil: Date; leaseToken: string },
): Promise<Claimed> {
  return db.one(sql.type(Claimed)`
    UPDATE backend.mail_deliveries
    SET status = 'sending', deliveries = deliveries + 1, unrecorded = unrecorded + 1,
        lease_until = ${sql.timestamp(leaseUntil)}, lease_token = ${leaseToken}
    WHERE id = ${id}
    RETURNING id, kind, recipient, locale, vars, domain, domain_known AS "domainKnown", source, lease_token AS "leaseToken",
      deliveries, failures, stalls
  `)
}

/** Writes what has become of a claimed delivery. False when the lease was lost: then it belongs to somebody else. */
export async function settleDelivery(
  db: CommonQueryMethods,
  { id, leaseToken }: Claimed,
  { status, failures, stalls, lastError, nextAttemptAt, final, now }: Settled & { now: Date },
): Promise<boolean> {
  const next = nextAttemptAt ? sql.fragment`${sql.timestamp(nextAttemptAt)}` : sql.fragment`next_attempt_at`
  const settled = await db.maybeOne(sql.type(z.object({ id: z.uuid() }))`
    UPDATE backend.mail_deliveries
    SET status = ${status}, failures = ${failures}, stalls = ${stalls}, unrecorded = 0, last_error = ${lastError}, next_attempt_at = ${next},
        lease_until = NULL, lease_token = NULL,
        vars = CASE WHEN ${final} THEN '{}' ELSE vars END,
        sent_at = CASE WHEN ${status === 'sent'} THEN ${sql.timestamp(now)} END
    WHERE id = ${id} AND lease_token = ${leaseToken}
    RETURNING id
  `)
  return settled !== null
}

export async function recordAttempt(
  db: CommonQueryMethods,
  { id, deliveries }: Claimed,
  { verdict, responseCode, detail, now }: Outcome & { now: Date },
): Promise<void> {
  await db.query(sql.type(nothing)`
    INSERT INTO backend.mail_attempts (delivery, n, at, outcome, response_code, detail)
    VALUES (${id}, ${deliveries}, ${sql.timestamp(now)}, ${verdict}, ${responseCode ?? null}, ${detail})
    ON CONFLICT DO NOTHING
  `)
}

/** Mail that came to its end. */
const isFinal = sql.fragment`status IN ('sent', 'dead', 'suppressed', 'expired', 'quarantined')`

/** Over before it was there: it was never to be sent, and stands for a mail that was. */
const isDecoy = sql.fragment`status = 'expired' AND expires_at <= created_at`

/** Forgets the oldest deliveries that are final, `limit` at most, with their attempts. Returns how many. */
export function deleteFinal(db: CommonQueryMethods, before: Date, limit: number): Promise<number> {
  return deleteOldest(db, isFinal, { before, limit })
}

/** Forgets the oldest decoys, `limit` at most. Returns how many. */
export function deleteDecoys(db: CommonQueryMethods, before: Date, limit: number): Promise<number> {
  return deleteOldest(db, isDecoy, { before, limit })
}

async function deleteOldest(
  db: CommonQueryMethods,
  condition: FragmentSqlToken,
  { before, limit }: { before: Date; limit: number },
): Promise<number> {
  const { rowCount } = await db.query(sql.type(nothing)`
    DELETE FROM backend.mail_deliveries
    WHERE id IN (
      SELECT id
      FROM backend.mail_deliveries
      WHERE ${condition} AND created_at <= ${sql.timestamp(before)}
      ORDER BY created_at
      LIMIT ${limit}
      FOR UPDATE SKIP LOCKED
    )
  `)
  return rowCount
}

/** When the mail was enqueued that has waited longest; null when none waits. */
export async function oldestWaiting(db: CommonQueryMethods): Promise<Date | null> {
  const { oldest } = await db.one(sql.type(z.object({ oldest: z.coerce.date().nullable() }))`
    SELECT min(created_at) AS oldest
    FROM backend.mail_deliveries
    WHERE status IN ('pending', 'retrying', 'sending')
  `)
  return oldest
}
