import { Cron } from 'croner'

/**
 * The first moment after `after` that the schedule names in its time zone; undefined when there is none. Where clocks are
 * changed, schedules are of two sorts:
 * - Times of day, with no `*` and no `/` in seconds, minutes and hours (`30 2 * * *`, `0 2,14 * * *`, `0 1-4 * * *`): each
 *   comes once on its day. One that the clocks jump over is the moment of the jump, which several may share; one that they
 *   show twice is the first of the two.
 * - Intervals, all others: they go by what the clocks show. Where every hour is named they go on evenly; one within
 *   some hours (as `* 2 * * *`) has no run in an hour that is left out, and runs in both of one that is shown twice.
 */
export function nextRun(schedule: string, timeZone: string, after: Date): Date | undefined {
  return parsed(schedule, timeZone).nextRun(after) ?? undefined
}

/** Whether the schedule names exactly this moment: false for one that was computed from another schedule. */
export function isRun(schedule: string, timeZone: string, at: Date): boolean {
  return nextRun(schedule, timeZone, new Date(at.getTime() - 1000))?.getTime() === at.getTime()
}

/** Parsing costs more than asking, and ten thousand games share a few schedules. */
const cache = new Map<string, Cron>()
const cacheSize = 1000

function parsed(schedule: string, timeZone: string): Cron {
  const key = `${timeZone} ${schedule}`
  const known = cache.get(key)
  if (known) return known
  const cron = new Cron(schedule, { timezone: timeZone, paused: true, fixedTimeRule: 'no-wildcard' })
  if (cache.size >= cacheSize) cache.clear()
  cache.set(key, cron)
  return cron
}
