import { Cron } from 'croner'
import { type OffsetSpan, offsetSpans } from './time-zone.ts'

/**
 * Returns the first moment after `after` that the schedule names in its time zone; undefined when there is none. Where
 * clocks are changed, schedules are of two sorts:
 * - Times of day, which do not name every hour (`30 2 * * *`, `0 1-4 * * *`, steps of hours too): each comes once on its
 *   day. Times that the clocks jump over come at the first moment after the gap, which several may share; a time that the
 *   clocks show twice comes the first time.
 * - Intervals, which name every hour (`* * * * *`, steps of minutes too): they go by what the clocks show, so they go on
 *   evenly through a gap and through an hour shown twice. Only where a gap takes the last of them for more than an hour
 *   (`0 * * * 5`, and a Friday is left out) one comes at the first moment after the gap.
 */
export function nextRun(schedule: string, timeZone: string, after: Date): Date | undefined {
  const pattern = parsed(schedule)
  const next = pattern.isInterval ? nextOfInterval : nextTimeOfDay
  const atMs = next(pattern, timeZone, after.getTime())
  return atMs === undefined ? undefined : new Date(atMs)
}

/** Whether the schedule names exactly this moment: false for one that was computed from another schedule. */
export function isRun(schedule: string, timeZone: string, at: Date): boolean {
  return nextRun(schedule, timeZone, new Date(at.getTime() - 1000))?.getTime() === at.getTime()
}

type Pattern = {
  /** The next time of the pattern after another one, both as the clocks show them: no zone plays a part. */
  after: (shownMs: number) => number | undefined
  isInterval: boolean
}

const hourMs = 3_600_000
/** Clocks are at most 14 hours ahead of UTC, and 12 behind: what they show differs from UTC by less, even over a gap. */
const maxOffsetMs = 15 * hourMs
/** The longest time by which clocks were set back or forward, the day at the date line included. */
const maxChangeMs = 26 * hourMs

/** The first moment at which the clocks show the next time or a later one: so a gap needs no case of its own. */
function nextTimeOfDay(pattern: Pattern, timeZone: string, afterMs: number): number | undefined {
  const nextMs = pattern.after(latestShown(timeZone, afterMs))
  if (nextMs === undefined) return undefined
  for (const span of offsetSpans(timeZone, Math.max(afterMs, nextMs - maxOffsetMs))) {
    if (span.toMs + span.offsetMs > nextMs) return Math.max(span.fromMs, nextMs - span.offsetMs)
  }
  return undefined
}

/** The latest time that the clocks have shown up to this moment: more than they show now after they were set back. */
function latestShown(timeZone: string, atMs: number): number {
  let latest = Number.NEGATIVE_INFINITY
  for (const { fromMs, toMs, offsetMs } of offsetSpans(timeZone, atMs - maxChangeMs)) {
    if (fromMs > atMs) break
    latest = Math.max(latest, Math.min(toMs - 1, atMs) + offsetMs)
  }
  return latest
}

/** The first moment at which the clocks show a time of the pattern. */
function nextOfInterval(pattern: Pattern, timeZone: string, afterMs: number): number | undefined {
  let before: OffsetSpan | undefined
  let searchMs = afterMs
  for (;;) {
    let nextMs: number | undefined
    for (const span of offsetSpans(timeZone, searchMs)) {
      if (before && endsInGap(pattern, before, span)) return span.fromMs
      nextMs = pattern.after(Math.max(afterMs, span.fromMs - 1) + span.offsetMs)
      if (nextMs === undefined) return undefined
      if (nextMs - span.offsetMs < span.toMs) return nextMs - span.offsetMs
      before = span
      if (nextMs - maxChangeMs > span.toMs) break
    }
    searchMs = (nextMs ?? 0) - maxChangeMs
    before = undefined
  }
}

/** The clocks jump over times of the pattern, and it does not go on within the hour. */
function endsInGap({ after }: Pattern, before: OffsetSpan, { fromMs, offsetMs }: OffsetSpan): boolean {
  const [gapFromMs, gapToMs] = [fromMs + before.offsetMs, fromMs + offsetMs]
  if (gapToMs <= gapFromMs) return false
  const skippedMs = after(gapFromMs - 1)
  if (skippedMs === undefined || skippedMs >= gapToMs) return false
  return (after(gapToMs - 1) ?? Number.POSITIVE_INFINITY) >= gapToMs + hourMs
}

/** Parsing costs more than asking, and ten thousand games share a few schedules. */
const cache = new Map<string, Pattern>()
const cacheSize = 1000

function parsed(schedule: string): Pattern {
  const known = cache.get(schedule)
  if (known) return known
  const cron = withoutZone(schedule)
  const pattern: Pattern = {
    after: (shownMs) => cron.nextRun(new Date(shownMs))?.getTime(),
    isInterval: namesEveryHour(schedule),
  }
  if (cache.size >= cacheSize) cache.clear()
  cache.set(schedule, pattern)
  return pattern
}

/** Croner is asked about patterns only. Which moments the clocks show them at is decided here: it loses some of them. */
function withoutZone(schedule: string): Cron {
  return new Cron(schedule, { utcOffset: 0, paused: true })
}

function namesEveryHour(schedule: string): boolean {
  const hour = schedule.trim().split(/\s+/).at(-4) ?? '*'
  const everyDay = withoutZone(`0 0 ${hour} * * *`)
  const midnight = new Date('2026-01-01T00:00:00Z')
  return everyDay.nextRuns(23, midnight).at(-1)?.toISOString() === '2026-01-01T23:00:00.000Z'
}
