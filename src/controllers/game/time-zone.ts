/**
 * A span of time in which the clocks of a time zone keep one offset from UTC: `fromMs` belongs to it, `toMs` does not.
 * Adding `offsetMs` to a moment gives what the clocks show, as if that were UTC.
 */
export type OffsetSpan = { fromMs: number; toMs: number; offsetMs: number }

const dayMs = 86_400_000
/** No zone changes its offset twice within this time. */
const sampleMs = dayMs / 4

/**
 * The spans of one zone from `fromMs` on, adjoining and without end. The first one contains `fromMs`. A span ends where
 * clocks are changed, and at midnight UTC: for each day of UTC they are found once and remembered.
 */
export function* offsetSpans(timeZone: string, fromMs: number): Generator<OffsetSpan, never> {
  for (let day = Math.floor(fromMs / dayMs); ; day += 1) {
    for (const span of spansOfDay(timeZone, day)) if (span.toMs > fromMs) yield span
  }
}

const cache = new Map<string, readonly OffsetSpan[]>()
const cacheSize = 10_000

function spansOfDay(timeZone: string, day: number): readonly OffsetSpan[] {
  const key = `${day} ${timeZone}`
  const known = cache.get(key)
  if (known) return known
  const spans = findSpans(timeZone, day * dayMs)
  if (cache.size >= cacheSize) cache.clear()
  cache.set(key, spans)
  return spans
}

function findSpans(timeZone: string, startMs: number): OffsetSpan[] {
  const offsetAt = offsetsOf(timeZone)
  const endMs = startMs + dayMs
  const spans: OffsetSpan[] = []
  let [fromMs, offsetMs] = [startMs, offsetAt(startMs)]
  for (let atMs = startMs; atMs < endMs; atMs += sampleMs) {
    const next = offsetAt(atMs + sampleMs)
    if (next === offsetMs) continue
    const changeMs = firstWithout(offsetMs, atMs, atMs + sampleMs, offsetAt)
    spans.push({ fromMs, toMs: changeMs, offsetMs })
    ;[fromMs, offsetMs] = [changeMs, next]
  }
  return fromMs < endMs ? [...spans, { fromMs, toMs: endMs, offsetMs }] : spans
}

/** The first moment, to the second, at which the offset is another; `fromMs` has it, `toMs` has not. */
function firstWithout(offsetMs: number, fromMs: number, toMs: number, offsetAt: (atMs: number) => number): number {
  let [before, after] = [fromMs / 1000, toMs / 1000]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (offsetAt(middle * 1000) === offsetMs) before = middle
    else after = middle
  }
  return after * 1000
}

/** The offset of a zone at a moment that is a whole second. */
function offsetsOf(timeZone: string): (atMs: number) => number {
  const format = formatOf(timeZone)
  return (atMs) => {
    const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]))
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
    return Date.UTC(year, month - 1, day, hour, minute, second) - atMs
  }
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const numeric = 'numeric'
  const fields = {
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  } as const
  const made = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', calendar: 'gregory', ...fields })
  formats.set(timeZone, made)
  return made
}
