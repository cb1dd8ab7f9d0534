import { Cron } from 'croner'
import { messageOf } from '../platform/errors.ts'
import { externalText } from '../platform/external-text.ts'

type Field = { title: string; min: number; max: number; of?: { units: string; next: string; instead: string } }

const fields: readonly Field[] = [
  { title: 'second', min: 0, max: 59, of: { units: 'seconds of a minute', next: 'minutes', instead: '0 */2 * * * *' } },
  { title: 'minute', min: 0, max: 59, of: { units: 'minutes of an hour', next: 'hours', instead: '0 */2 * * *' } },
  { title: 'hour', min: 0, max: 23, of: { units: 'hours of a day', next: 'days', instead: '0 0 */2 * *' } },
  { title: 'day of month', min: 1, max: 31 },
  { title: 'month', min: 1, max: 12 },
  { title: 'day of week', min: 0, max: 7 },
]

const nicknames: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/**
 * Why turns cannot follow the schedule: the field at fault, and where there is one, what to write instead. Undefined for
 * five or six fields that some moment matches.
 */
export function cronProblem(text: string): string | undefined {
  const parts = text.trim().split(/\s+/).filter(Boolean)
  if (/^(CRON_)?TZ=/i.test(text.trim())) return 'the time zone belongs into spec.turns.timeZone'
  if (parts.length !== 5 && parts.length !== 6) return countProblem(parts)
  const failure = failureOf(text)
  if (failure === undefined) return undefined
  const named = fields.slice(6 - parts.length)
  for (const [index, field] of named.entries()) {
    const problem = fieldProblem(parts[index] ?? '', field)
    if (problem !== undefined) return `${field.title} ${problem}`
  }
  return failure
}

function countProblem(parts: readonly string[]): string {
  const written = nicknames[parts.join(' ').toLowerCase()]
  const count = parts.length === 0 ? 'no field' : parts.length === 1 ? '1 field' : `${parts.length} fields`
  return `it has ${count}${written ? `: write ${written}` : ''}`
}

/** What the library says, which is right about whether and not always clear about why. */
function failureOf(text: string): string | undefined {
  try {
    return new Cron(text, { paused: true, timezone: 'UTC' }).nextRun() === null ? 'no such day ever comes' : undefined
  } catch (error) {
    return externalText(messageOf(error)).replace(/^CronPattern: (Syntax error, )?/, '')
  }
}

function fieldProblem(text: string, field: Field): string | undefined {
  const entries = text.split(',')
  if (entries.includes('')) return `"${externalText(text)}": has an empty entry between commas`
  for (const entry of entries) {
    const problem = entryProblem(entry, field)
    if (problem !== undefined) return `"${externalText(entry)}": ${problem}`
  }
  return undefined
}

function entryProblem(entry: string, field: Field): string | undefined {
  const { min, max, title } = field
  const names = title === 'month' || title === 'day of week' ? '|[A-Z]{3}' : ''
  const shape = new RegExp(`^(?:[*?]|(\\d+${names})(?:-(\\d+${names}))?)(?:/(\\d+))?$`, 'i')
  const [whole, from, to, step] = shape.exec(entry) ?? []
  if (whole === undefined) return isSpecial(entry) ? undefined : 'cannot be read'
  for (const value of [from, to]) {
    if (value !== undefined && (Number(value) < min || Number(value) > max)) return `must lie between ${min} and ${max}`
  }
  if (from !== undefined && to !== undefined && Number(from) > Number(to))
    return `the range goes backwards: write ${from}-${max},${min}-${to}`
  return step === undefined ? undefined : stepProblem({ from, to, step: Number(step) }, field)
}

type Step = { from: string | undefined; to: string | undefined; step: number }

function stepProblem({ from, to, step }: Step, { min, max, of }: Field): string | undefined {
  const length = max - min + 1
  if (step < 1) return 'a step must be at least 1'
  if (step > length) {
    if (of) return `a step cannot be longer than the ${length} ${of.units}: write ${of.next}, as in ${of.instead}`
    return `a step cannot be longer than ${length}`
  }
  if (from === undefined || to !== undefined) return undefined
  const start = Number(from) === min ? '*' : `${from}-${max}`
  return `a step needs a range in front of it: write ${start}/${step}`
}

/** The last day of a month, the nearest working day, the nth weekday. */
function isSpecial(entry: string): boolean {
  return /^(L|LW|\d+W|(\d|[A-Z]{3})(#\d|#L|L))$/i.test(entry)
}
