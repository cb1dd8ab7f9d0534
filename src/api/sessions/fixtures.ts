import { randomBytes, randomUUID } from 'node:crypto'
import { type DatabasePool, sql } from 'slonik'
import { z } from 'zod'
import { silentLog } from '../../platform/log.ts'
import type { SessionLimits } from './model.ts'
import { openSession } from './open.ts'
import { createSessionsService } from './service.ts'

const nothing = z.object({})

/** Somebody who has an account and no session. */
export async function someUser(db: DatabasePool): Promise<string> {
  const id = randomUUID()
  await db.query(sql.type(nothing)`
    INSERT INTO backend.users
      (id, email, email_canonical, user_name, display_name, locale, time_zone, created_at)
    VALUES (${id}, ${`${id}@example.com`}, ${`${id}@example.com`}, ${id}, ${id}, 'en', 'UTC', now())
  `)
  return id
}

export const someKey = () => new Uint8Array(randomBytes(32))

/** Sessions at a time that the test decides. */
export function startSessions(db: DatabasePool, limits: SessionLimits) {
  let now = new Date('2026-03-01T12:00:00.000Z')
  const sessions = createSessionsService({ db, clock: { now: () => now }, limits, log: silentLog })
  const pass = (ms: number) => {
    now = new Date(now.getTime() + ms)
  }
  /** As signing in does: with the user's row locked. */
  const open = (userId: string, { publicKey = someKey(), deviceLabel = null as string | null } = {}) =>
    db.transaction(async (tx) => {
      await tx.query(sql.type(nothing)`SELECT FROM backend.users WHERE id = ${userId} FOR NO KEY UPDATE`)
      return openSession(tx, { userId, publicKey, deviceLabel, now, newId: randomUUID, limits })
    })
  return { sessions, open, pass }
}

const Told = z.object({
  kind: z.string(),
  to: z.uuid().nullable(),
  type: z.string().nullable(),
  payload: z.record(z.string(), z.unknown()),
})

/** What was put into the push outbox for a user, in order; `to` is the session it is for, null for all of them. */
export function toldTo(db: DatabasePool, userId: string): Promise<readonly z.infer<typeof Told>[]> {
  return db.any(sql.type(Told)`
    SELECT kind, device_session_id AS to, event_type AS type, payload
    FROM backend.push_outbox
    WHERE user_id = ${userId}
    ORDER BY id
  `)
}
