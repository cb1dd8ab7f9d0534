import { isDeepStrictEqual } from 'node:util'
import type { DatabasePool, DatabaseTransactionConnection } from 'slonik'
import { z } from 'zod'
import type { Backoff } from '../../platform/backoff.ts'
import type { Clock } from '../../platform/clock.ts'
import { databaseErrorCode, isPermanent } from '../../platform/database-errors.ts'
import type { Change } from '../../platform/kubernetes/cache.ts'
import type { ObjectKey } from '../../platform/kubernetes/objects.ts'
import { isNewer } from '../../platform/kubernetes/versions.ts'
import type { Log } from '../../platform/log.ts'
import { createMetrics, type Metrics } from '../../platform/metrics.ts'
import type { Game } from '../../resources/index.ts'
import type { publishEvent } from '../push/index.ts'
import {
  type Announcement,
  deleteAnnouncement,
  deleteOtherAnnouncements,
  findAnnouncement,
  lockAnnouncement,
  updateAnnouncement,
} from './announcement-store.ts'
import { happenings, nothingAnnounced, standingOf } from './happenings.ts'
import { LatestQueue } from './latest-queue.ts'
import { announcerMetrics } from './metrics.ts'

export type GameAnnouncerNeeds = {
  db: DatabasePool
  publishEvent: typeof publishEvent
  clock: Clock
  log: Log
  metrics?: Metrics
  backoff?: Backoff
}

export type GameAnnouncer = AsyncDisposable & {
  /** For the informer: takes note of the change and returns at once. */
  changed: (key: ObjectKey, change: Change<Game>) => void
  /** Forgets games that were deleted while nobody watched; `games` is a whole list. */
  forgetOthers: (games: readonly Game[]) => Promise<void>
}

/** Rows that changed within this time are never taken for leftovers: another replica may know newer games than ours. */
const leftoverAfterMs = 3_600_000

/**
 * Tells the players of a game what has become of it. What has been told is in the database and moves in the transaction
 * that writes the events, under a row lock, and only from older to newer resourceVersions. So of several replicas one
 * tells, a restart tells nothing twice, and what happened while nobody watched is told as it stands now.
 */
export function createGameAnnouncer(needs: GameAnnouncerNeeds): GameAnnouncer {
  const { db, publishEvent, clock, log, metrics = createMetrics({ runtime: false }), backoff } = needs
  const { dropped } = announcerMetrics(metrics)
  const queue = new LatestQueue<{ uid: string; game: Game | undefined }>({
    workers: 4,
    backoff: backoff ?? { baseMs: 250, maxMs: 30_000 },
    work: ({ uid, game }) => (game ? announce(game) : deleteAnnouncement(db, uid)),
    onFailure: (error, uid, failures) =>
      log[failures > 2 ? 'warn' : 'debug']({ err: error, uid, failures }, 'a change of a game could not be announced'),
    isPermanent: isHopeless,
    onDropped: (error, uid) => {
      dropped.inc()
      const state = databaseErrorCode(error)
      log.error({ err: error, uid, state }, 'a change of a game was set aside: its announcement can never be stored')
    },
  })
  return { changed, forgetOthers, [Symbol.asyncDispose]: () => queue[Symbol.asyncDispose]() }

  /** By uid, not by name: a game made again under its name is another one. */
  function changed(_key: ObjectKey, { before, after }: Change<Game>): void {
    const uid = (after ?? before)?.metadata.uid
    if (uid !== undefined) queue.put(uid, { uid, game: after })
  }

  async function announce(game: Game): Promise<void> {
    const { uid, deletionTimestamp } = game.metadata
    if (deletionTimestamp !== undefined) return
    // Most changes of a status mean nothing to players: they cost a read, and no lock.
    const seen = (await findAnnouncement(db, uid)) ?? { ...nothingAnnounced, resourceVersion: '' }
    if (step(seen, game)) await db.transaction((tx) => tell(tx, game))
  }

  async function tell(tx: DatabaseTransactionConnection, game: Game): Promise<void> {
    const now = clock.now()
    const { uid } = game.metadata
    const next = step(await lockAnnouncement(tx, uid, now), game)
    if (!next) return
    await updateAnnouncement(tx, uid, next.announcement, now)
    for (const userId of membersOf(game)) {
      for (const event of next.events) await publishEvent(tx, { userId, ...event, now })
    }
  }

  async function forgetOthers(games: readonly Game[]): Promise<void> {
    const uids = games.map(({ metadata }) => metadata.uid).filter((uid) => z.guid().safeParse(uid).success)
    const forgotten = await deleteOtherAnnouncements(db, uids, new Date(clock.now().getTime() - leftoverAfterMs))
    if (forgotten > 0) log.info({ forgotten }, 'forgot games that are gone')
  }
}

/** Refused by the database, or by what an event or a moment may be: the next attempt would end the same way. */
function isHopeless(error: unknown): boolean {
  return isPermanent(error) || error instanceof z.ZodError || error instanceof RangeError
}

/** What is to be told, and what is told then; undefined when there is nothing, or the Game at hand is an old one. */
function step(before: Announcement, game: Game) {
  const { resourceVersion } = game.metadata
  if (!isNewer(resourceVersion, before.resourceVersion)) return undefined
  const announcement = { ...standingOf(before, game), resourceVersion }
  if (isDeepStrictEqual(announcement, { ...before, resourceVersion })) return undefined
  return { announcement, events: happenings(before, announcement, game) }
}

/** Rosters written by hand may name anything; nobody but an account can be signed in and listen. */
function membersOf({ spec }: Game): Set<string> {
  return new Set(
    (spec.players ?? []).map(({ userId }) => userId).filter((userId) => z.uuid().safeParse(userId).success),
  )
}
