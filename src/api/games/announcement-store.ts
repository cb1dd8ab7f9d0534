import { type CommonQueryMethods, sql } from 'slonik'
import { z } from 'zod'
import type { Announced } from './happenings.ts'

/** `resourceVersion`: of the Game as it was told. */
export type Announcement = Announced & { resourceVersion: string }

const Row = z
  .object({
    turn: z.int().nullable(),
    next_turn_at: z.coerce.date().nullable(),
    stage: z.enum(['waiting', 'playing', 'paused', 'finished']),
    failed_turns: z.int(),
    resource_version: z.string(),
  })
  .transform((row): Announcement => ({
    turn: row.turn,
    nextTurnAt: row.next_turn_at,
    stage: row.stage,
    failedTurns: row.failed_turns,
    resourceVersion: row.resource_version,
  }))

const none = z.object({})

const columns = sql.fragment`turn, next_turn_at, stage, failed_turns, resource_version`

export function findAnnouncement(db: CommonQueryMethods, gameUid: string): Promise<Announcement | null> {
  return db.maybeOne(sql.type(Row)`SELECT ${columns} FROM backend.game_announcements WHERE game_uid = ${gameUid}`)
}

/** The row, made if it is missing, and locked until the transaction ends. */
export async function lockAnnouncement(tx: CommonQueryMethods, gameUid: string, now: Date): Promise<Announcement> {
  await tx.query(sql.type(none)`
    INSERT INTO backend.game_announcements (game_uid, updated_at)
    VALUES (${gameUid}, ${now.toISOString()})
    ON CONFLICT DO NOTHING`)
  return tx.one(sql.type(Row)`SELECT ${columns} FROM backend.game_announcements WHERE game_uid = ${gameUid} FOR UPDATE`)
}

export async function updateAnnouncement(
  tx: CommonQueryMethods,
  gameUid: string,
  announcement: Announcement,
  now: Date,
): Promise<void> {
  const { turn, nextTurnAt, stage, failedTurns, resourceVersion } = announcement
  await tx.query(sql.type(none)`
    UPDATE backend.game_announcements
    SET turn = ${turn}, next_turn_at = ${nextTurnAt?.toISOString() ?? null}, stage = ${stage},
      failed_turns = ${failedTurns}, resource_version = ${resourceVersion}, updated_at = ${now.toISOString()}
    WHERE game_uid = ${gameUid}`)
}

export async function deleteAnnouncement(db: CommonQueryMethods, gameUid: string): Promise<void> {
  await db.query(sql.type(none)`DELETE FROM backend.game_announcements WHERE game_uid = ${gameUid}`)
}

/** Removes what is about other games than these and has not changed since; returns of how many games. */
export async function deleteOtherAnnouncements(
  db: CommonQueryMethods,
  gameUids: readonly string[],
  unchangedSince: Date,
): Promise<number> {
  const { rowCount } = await db.query(sql.type(none)`
    DELETE FROM backend.game_announcements
    WHERE game_uid <> ALL(${sql.array(gameUids, 'uuid')}) AND updated_at < ${unchangedSince.toISOString()}`)
  return rowCount
}
