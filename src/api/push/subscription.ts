import type { Clock } from '../../platform/clock.ts'
import { Refusal } from '../../platform/errors.ts'
import type { Bell } from './bell.ts'
import { readCursor } from '../../platform/push-cursor.ts'
import type { Feeder } from './feeder.ts'
import { type Frame, gapFrame, type GapReason, positionFrame } from './frames.ts'

export type SubscriptionOptions = {
  feeder: Feeder
  bell: Bell
  clock: Clock
  /** A stream that has been silent for this long shows that it lives. */
  heartbeatMs: number
  /** A sign of life is given only when the ring was as new as the database this recently. */
  staleMs: number
  /** Ends every stream. */
  ending: AbortSignal
}

export type Start = { position: number; gap?: GapReason }

/** Where a stream goes on from. A cursor that is ahead of this replica's ring may be one of a quicker replica. */
export async function findStart(feeder: Feeder, lastCursor: string): Promise<Start> {
  const { ring } = feeder
  if (lastCursor === '') return { position: ring.floor() }
  const cursor = readCursor(lastCursor)
  if (!cursor) return { position: ring.last(), gap: 'bad_cursor' }
  if (cursor.epoch !== feeder.epoch() || cursor.position > ring.last()) await feeder.pass()
  if (cursor.epoch !== feeder.epoch()) return { position: ring.last(), gap: 'unknown_epoch' }
  if (cursor.position > ring.last()) return { position: ring.last(), gap: 'cursor_ahead' }
  if (cursor.position < ring.floor()) return { position: ring.last(), gap: 'cursor_too_old' }
  return { position: cursor.position }
}

/** A gateway must believe that it knows of every revocation up to a sign of life; rather break off than lie. */
export function requireFresh({ feeder, staleMs }: Pick<SubscriptionOptions, 'feeder' | 'staleMs'>): void {
  if (feeder.ageMs() > staleMs) throw new Refusal('unavailable', 'push_behind', 'The outbox cannot be read now.')
}

/**
 * The frames after `place`, which moves with them. Nothing is queued for a stream: it takes frames from the ring when it
 * is ready for them, and ends when the ring has passed it.
 * @throws Refusal `too_slow`, `outbox_replaced`, `push_behind`, `shutting_down`
 */
export async function* framesFrom(
  { gap }: Start,
  place: { position: number },
  { feeder, bell, clock, heartbeatMs, staleMs, ending }: SubscriptionOptions,
  signal: AbortSignal,
): AsyncGenerator<Frame> {
  const { ring } = feeder
  const epoch = feeder.epoch()
  const here = () => ({ epoch, position: place.position })

  function next(): Frame | undefined {
    if (ending.aborted) throw new Refusal('unavailable', 'shutting_down', 'The api is shutting down.')
    if (feeder.epoch() !== epoch || place.position > ring.last())
      throw new Refusal('unavailable', 'outbox_replaced', 'The outbox was replaced.')
    if (place.position < ring.floor()) throw new Refusal('throttled', 'too_slow', 'The stream is read too slowly.')
    const frame = ring.get(place.position + 1)
    if (frame) place.position += 1
    return frame
  }

  // No Position comes before a Gap: were the connection lost between them, its cursor would hide that there is a gap.
  yield gap ? gapFrame(here(), clock.now(), gap) : positionFrame(here(), clock.now(), false)
  for (const end = ring.last(); place.position < end;) {
    const frame = next()
    if (!frame) break
    yield frame
  }
  yield positionFrame(here(), clock.now(), true)
  while (!signal.aborted) {
    const frame = next()
    // Nothing may be awaited between looking into the ring and waiting for its bell, or a ring is missed.
    if (frame) yield frame
    else if (!(await bell.wait(heartbeatMs, signal)) && !signal.aborted) {
      requireFresh({ feeder, staleMs })
      yield positionFrame(here(), clock.now(), true)
    }
  }
}
