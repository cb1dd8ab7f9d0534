import { Cron } from 'croner'

/**
 * The first moment after `after` that the schedule names in its time zone; undefined when there is none. Where clocks are
 * changed: a time of day that they jump over is the moment of the jump, one that they show twice is the first of the two,
 * and an interval goes on evenly. So what runs daily runs once on every day.
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
  const cron = new Cron(schedule, { timezone: timeZone, paused: true })
  if (cache.size >= cacheSize) cache.clear()
  cache.set(key, cron)
  return cron
}
