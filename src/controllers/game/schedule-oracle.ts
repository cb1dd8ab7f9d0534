/**
 * A second opinion about schedules, for tests: it looks at every minute, knows fields of numbers only, and shares nothing
 * with what it judges. All it trusts is what `Intl` says a zone's clocks show.
 */
const minuteMs = 60_000

/** What the clocks of a zone show at each minute from `fromMs` on, as if it were UTC. */
export function shownMinutes(timeZone: string, fromMs: number, minutes: number): number[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  return Array.from({ length: minutes }, (_, index) => {
    const [date, time] = format.format(fromMs + index * minuteMs).split(' ')
    return Date.parse(`${date}T${time}Z`)
  })
}

/** The days of UTC, by their beginning, on which the zone's clocks are changed in a year. */
export function changesIn(timeZone: string, year: number): number[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  const days = Array.from({ length: 367 }, (_, day) => Date.UTC(year, 0, day))
  const offsets = days.map((ms) => Date.parse(`${format.format(ms).replace(' ', 'T')}Z`) - ms)
  return days.filter((_, day) => day < 366 && offsets[day] !== offsets[day + 1])
}

/** The runs of a schedule of five numeric fields in the minutes after the first day of those that `shown` is about. */
export function expectedRuns(schedule: string, shown: readonly number[], fromMs: number): number[] {
  const matches = matcher(schedule)
  const everyHour = setOf(schedule.split(' ')[1] ?? '', 0, 23).size === 24
  const runs: number[] = []
  let latest = (shown[0] ?? 0) - minuteMs
  for (const [index, now] of shown.entries()) {
    const isNew = now > latest
    const owed = isNew ? minutesBetween(latest + minuteMs, now).some(matches) : false
    const jumped = now > latest + minuteMs
    const isRun = everyHour
      ? matches(now) || (jumped && owed && !minutesBetween(now, now + 59 * minuteMs).some(matches))
      : owed
    if (isRun && index >= 24 * 60) runs.push(fromMs + index * minuteMs)
    latest = Math.max(latest, now)
  }
  return runs
}

function minutesBetween(fromMs: number, toMs: number): number[] {
  return Array.from({ length: Math.floor((toMs - fromMs) / minuteMs) + 1 }, (_, index) => fromMs + index * minuteMs)
}

/** Cron's rule for days: where both are restricted, either is enough. */
function matcher(schedule: string): (shownMs: number) => boolean {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = schedule.split(' ')
  const [minutes, hours] = [setOf(minute, 0, 59), setOf(hour, 0, 23)]
  const [days, months, weekdays] = [setOf(day, 1, 31), setOf(month, 1, 12), setOf(weekday, 0, 6)]
  return (shownMs) => {
    const at = new Date(shownMs)
    if (!minutes.has(at.getUTCMinutes()) || !hours.has(at.getUTCHours())) return false
    if (!months.has(at.getUTCMonth() + 1)) return false
    const [onDay, onWeekday] = [days.has(at.getUTCDate()), weekdays.has(at.getUTCDay())]
    return day === '*' || weekday === '*' ? onDay && onWeekday : onDay || onWeekday
  }
}

/** `*`, `3`, `1-4`, `*` or a range with a step, and lists of these. */
function setOf(field: string, min: number, max: number): Set<number> {
  return new Set(
    field.split(',').flatMap((part) => {
      const [range = '', step] = part.split('/')
      const [from = min, to = from] = range === '*' ? [min, max] : range.split('-').map(Number)
      return Array.from({ length: to - from + 1 }, (_, index) => from + index).filter(
        (value) => (value - from) % Number(step ?? 1) === 0,
      )
    }),
  )
}
