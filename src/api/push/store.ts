import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik'
import { z } from 'zod'
import { externalJson } from '../../platform/external-text.ts'
import { type EventPayload, eventPayloads, type EventType, maxEventPayloadBytes } from '../../messages/index.ts'

/** The channel on which the database says that there are new rows. */
export const outboxChannel = 'push_outbox'

/** Held while rows are numbered; any two numbers nobody else uses. */
const numberingLock = [0x67616c61, 0x70757368] as const

export type NewEvent<Type extends EventType> = {
  userId: string
  /** All of the user's sessions when absent. */
  deviceSessionId?: string | undefined
  eventType: Type
  payload: EventPayload<Type>
  now: Date
  /** W3C trace id of what caused it. */
  traceId?: string | undefined
}

/**
 * Appends an event for a user's clients, in the caller's transaction: it is told if and only if that commits.
 * @throws ZodError when the payload is not what the catalogue says; RangeError when it is larger than any event may be
 */
export async function publishEvent<Type extends EventType>(
  db: CommonQueryMethods,
  { userId, deviceSessionId, eventType, payload, now, traceId }: NewEvent<Type>,
): Promise<void> {
  const json = JSON.stringify(externalJson(eventPayloads[eventType].parse(payload)))
  const bytes = Buffer.byteLength(json)
  if (bytes > maxEventPayloadBytes) throw new RangeError(`the payload of ${eventType} has ${bytes} bytes`)
  await append(db, { kind: 'client_event', userId, deviceSessionId, eventType, json, now, traceId })
}

export type NewInvalidation = {
  userId: string
  /** All of the user's sessions when absent. */
  deviceSessionId?: string | undefined
  /** As in the session's revoke_reason. */
  reason: string
  now: Date
}

/** Appends the end of one session's streams, or of all of a user's, in the transaction that revokes them. */
export async function publishInvalidation(
  db: CommonQueryMethods,
  { userId, deviceSessionId, reason, now }: NewInvalidation,
): Promise<void> {
  await append(db, { kind: 'session_invalidation', userId, deviceSessionId, json: JSON.stringify({ reason }), now })
}

type NewRow = {
  kind: 'client_event' | 'session_invalidation'
  userId: string
  deviceSessionId: string | undefined
  eventType?: EventType
  json: string
  now: Date
  traceId?: string | undefined
}

async function append(db: CommonQueryMethods, row: NewRow): Promise<void> {
  const { kind, userId, deviceSessionId = null, eventType = null, json, now, traceId = null } = row
  await db.query(sql.type(z.object({}))`
    WITH appended AS (
      INSERT INTO backend.push_outbox
        (kind, user_id, device_session_id, event_type, payload, trace_id, created_at)
      VALUES (
        ${kind}, ${userId}::uuid, ${deviceSessionId}::uuid, ${eventType}, ${json}::jsonb, ${traceId},
        ${sql.timestamp(now)}
      )
    )
    SELECT pg_notify(${outboxChannel}, '')
  `)
}

const State = z.object({
  epoch: z.string(),
  last_position: z.coerce.number().int(),
  unnumbered: z.boolean(),
})

/** Where the numbering stands, and whether rows wait for it. */
export function readState(db: CommonQueryMethods): Promise<z.infer<typeof State>> {
  return db.one(sql.type(State)`
    SELECT
      epoch,
      last_position,
      EXISTS (SELECT FROM backend.push_outbox WHERE position IS NULL) AS unnumbered
    FROM backend.push_state
  `)
}

/**
 * Gives the next positions to committed rows that have none, at most `limit` of them.
 * @returns how many
 */
export function numberRows(db: DatabasePool, limit: number): Promise<number> {
  return db.transaction(async (tx) => {
    // A statement of its own: the next one must not see the rows as they were before the lock was ours.
    await tx.query(sql.type(z.object({}))`SELECT pg_advisory_xact_lock(${numberingLock[0]}, ${numberingLock[1]})`)
    return assignPositions(tx, limit)
  })
}

function assignPositions(db: CommonQueryMethods, limit: number): Promise<number> {
  return db.oneFirst(sql.type(z.object({ numbered: z.coerce.number().int() }))`
    WITH waiting AS (
      SELECT id, row_number() OVER (ORDER BY id) AS place
      FROM (SELECT id FROM backend.push_outbox WHERE position IS NULL ORDER BY id LIMIT ${limit}) AS oldest
    ), moved AS (
      UPDATE backend.push_state SET last_position = last_position + (SELECT count(*) FROM waiting)
      RETURNING last_position - (SELECT count(*) FROM waiting) AS base
    ), numbered AS (
      UPDATE backend.push_outbox AS row SET position = moved.base + waiting.place
      FROM waiting, moved
      WHERE row.id = waiting.id
      RETURNING row.id
    )
    SELECT count(*) AS numbered FROM numbered
  `)
}

const Row = z.object({
  position: z.coerce.number().int(),
  kind: z.enum(['client_event', 'session_invalidation']),
  user_id: z.string(),
  device_session_id: z.string().nullable(),
  event_type: z.string().nullable(),
  payload: z.record(z.string(), z.unknown()),
  trace_id: z.string().nullable(),
  created_at: z.coerce.date(),
})
export type Row = z.infer<typeof Row>

/** A row as it is in the table, of whatever version of the product: one that cannot be read must not hide the others. */
const StoredRow = z.looseObject({ position: z.coerce.number().int() })

/** `row` is undefined when the row at that position cannot be read. */
export type ReadRow = { position: number; row: Row | undefined }

/** Numbered rows after `position`, in order, at most `limit` of them. */
export async function listRowsAfter(db: CommonQueryMethods, position: number, limit: number): Promise<ReadRow[]> {
  const stored = await db.any(sql.type(StoredRow)`
    SELECT position, kind, user_id, device_session_id, event_type, payload, trace_id, created_at
    FROM backend.push_outbox
    WHERE position > ${position}
    ORDER BY position
    LIMIT ${limit}
  `)
  return stored.map((each) => ({ position: each.position, row: Row.safeParse(each).data }))
}

/** Forgets rows from before `before`, but never one of the newest `keep`. */
export async function trimRows(
  db: CommonQueryMethods,
  { before, keep }: { before: Date; keep: number },
): Promise<void> {
  await db.query(sql.type(z.object({}))`
    DELETE FROM backend.push_outbox
    WHERE position <= (SELECT last_position FROM backend.push_state) - ${keep}
      AND created_at < ${sql.timestamp(before)}
  `)
}
