import fc from 'fast-check'
import { Cron } from 'croner'
import { describe, expect, it } from 'vitest'
import { cronProblem } from './cron-problem.ts'

describe('what is wrong with a schedule', () => {
  it.each([
    ['0/15 * * * *', 'minute "0/15": a step needs a range in front of it: write */15'],
    ['5/15 * * * *', 'minute "5/15": a step needs a range in front of it: write 5-59/15'],
    ['0 8/2 * * *', 'hour "8/2": a step needs a range in front of it: write 8-23/2'],
    [
      '*/90 * * * *',
      'minute "*/90": a step cannot be longer than the 60 minutes of an hour: write hours, as in 0 */2 * * *',
    ],
    [
      '*/120 * * * *',
      'minute "*/120": a step cannot be longer than the 60 minutes of an hour: write hours, as in 0 */2 * * *',
    ],
    [
      '*/90 * * * * *',
      'second "*/90": a step cannot be longer than the 60 seconds of a minute: write minutes, as in 0 */2 * * * *',
    ],
    ['0 */48 * * *', 'hour "*/48": a step cannot be longer than the 24 hours of a day: write days, as in 0 0 */2 * *'],
    ['*/0 * * * *', 'minute "*/0": a step must be at least 1'],
    ['61 * * * *', 'minute "61": must lie between 0 and 59'],
    ['0 24 * * *', 'hour "24": must lie between 0 and 23'],
    ['0 0 32 * *', 'day of month "32": must lie between 1 and 31'],
    ['0 0 * 13 *', 'month "13": must lie between 1 and 12'],
    ['0 0 * * 8', 'day of week "8": must lie between 0 and 7'],
    ['50-10 * * * *', 'minute "50-10": the range goes backwards: write 50-59,0-10'],
    ['1,,2 * * * *', 'minute "1,,2": has an empty entry between commas'],
    ['0 18 * * FUNDAY', 'day of week "FUNDAY": cannot be read'],
    ['H * * * *', 'minute "H": cannot be read'],
    ['0 0 31 2 *', 'no such day ever comes'],
    ['* * * *', 'it has 4 fields'],
    ['* * * * * * *', 'it has 7 fields'],
    ['every day', 'it has 2 fields'],
    ['@daily', 'it has 1 field: write 0 0 * * *'],
    ['@every 1h', 'it has 2 fields'],
    ['TZ=Europe/Berlin 0 18 * * *', 'the time zone belongs into spec.turns.timeZone'],
    ['', 'it has no field'],
  ])('%s: %s', (schedule, problem) => {
    expect(cronProblem(schedule)).toBe(problem)
  })

  it.each(['0 18 * * *', '*/15 * * * *', '0-59/15 * * * *', '0 18 * * MON-FRI', '*/10 * * * * *', '0 18 L * *'])(
    'is nothing for %s',
    (schedule) => {
      expect(cronProblem(schedule)).toBeUndefined()
    },
  )

  const number = fc.integer({ min: 0, max: 70 }).map(String)
  const piece = fc.oneof(
    fc.constant('*'),
    number,
    fc.tuple(number, number).map((pair) => pair.join('-')),
    fc.tuple(fc.constantFrom('*', '0', '5', '1-9'), number).map((pair) => pair.join('/')),
  )
  const field = fc.array(piece, { minLength: 1, maxLength: 2 }).map((pieces) => pieces.join(','))

  it('carries no control character of the schedule to a terminal', () => {
    for (const schedule of ['\u001b[2J * * * *', '0,\u001b, * * * *', '* * * * \u009b'])
      expect(cronProblem(schedule)).not.toMatch(/\p{Cc}/u)
  })

  it('is told exactly of the schedules that cannot be followed', () => {
    fc.assert(
      fc.property(fc.array(field, { minLength: 5, maxLength: 6 }), (fields) => {
        const schedule = fields.join(' ')
        expect(cronProblem(schedule) === undefined).toBe(runs(schedule))
      }),
    )
  })

  it('names something that can be followed where it says what to write', () => {
    fc.assert(
      fc.property(fc.array(field, { minLength: 5, maxLength: 5 }), (fields) => {
        const [, wrong = '', right = ''] =
          / "([^"]+)": .*: write ([-0-9*,/]+)$/.exec(cronProblem(fields.join(' ')) ?? '') ?? []
        fc.pre(right !== '')
        const at = fields.findIndex((each) => each.split(',').includes(wrong))
        const corrected = ['0', '0', '1', '1', '*'].with(at, right).join(' ')
        expect([corrected, cronProblem(corrected)]).toEqual([corrected, undefined])
      }),
    )
  })
})

function runs(schedule: string): boolean {
  try {
    return new Cron(schedule, { paused: true, timezone: 'UTC' }).nextRun() !== null
  } catch {
    return false
  }
}
