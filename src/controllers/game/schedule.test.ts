import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRun, nextRun } from './schedule.ts'
import { changesIn, expectedRuns, shownMinutes } from './schedule-oracle.ts'

function runs(schedule: string, timeZone: string, from: string, count: number): string[] {
  const found: string[] = []
  for (let at = nextRun(schedule, timeZone, new Date(from)); at && found.length < count;) {
    found.push(at.toISOString())
    at = nextRun(schedule, timeZone, at)
  }
  return found
}

const localDay = (at: string, timeZone: string) =>
  new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short' }).format(new Date(at))

describe('a schedule over a change of the clocks', () => {
  // In Berlin 02:00 becomes 03:00 on 29 March 2026, and 03:00 becomes 02:00 on 25 October 2026.
  it('runs once when the clocks jump over its time: at the moment of the jump', () => {
    expect(runs('30 2 * * *', 'Europe/Berlin', '2026-03-27T12:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ])
  })

  it('runs once when the clocks show its time twice: the first time', () => {
    expect(runs('30 2 * * *', 'Europe/Berlin', '2026-10-23T12:00:00Z', 3)).toEqual([
      '2026-10-24T00:30:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ])
  })

  it.each([
    { schedule: '0 1-4 * * *', spring: ['00:00', '01:00', '02:00'], autumn: ['23:00', '00:00', '02:00', '03:00'] },
    { schedule: '0 2,14 * * *', spring: ['01:00', '12:00'], autumn: ['00:00', '13:00'] },
    { schedule: '0,30 2 * * *', spring: ['01:00'], autumn: ['00:00', '00:30'] },
    { schedule: '15 2,3 * * *', spring: ['01:00', '01:15'], autumn: ['00:15', '02:15'] },
  ])('runs at each of the times that $schedule lists once', ({ schedule, spring, autumn }) => {
    const timesOf = (day: string, from: string) =>
      runs(schedule, 'Europe/Berlin', from, 10)
        .filter((at) => localDay(at, 'Europe/Berlin') === day)
        .map((at) => at.slice(11, 16))
    expect(timesOf('2026-03-29', '2026-03-28T12:00:00Z')).toEqual(spring)
    expect(timesOf('2026-10-25', '2026-10-24T12:00:00Z')).toEqual(autumn)
  })

  it('with steps inside one hour runs after the gap that takes the hour, and once where it is shown twice', () => {
    expect(runs('*/30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:00:00.000Z',
    ])
    expect(runs('*/30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 3).map((at) => at.slice(8, 16))).toEqual([
      '25T00:00',
      '25T00:30',
      '26T01:00',
    ])
  })

  it('with steps of hours keeps all its turns of the day when midnight is left out', () => {
    expect(runs('0 */6 * * *', 'America/Santiago', '2026-09-06T00:00:00Z', 4)).toEqual([
      '2026-09-06T04:00:00.000Z',
      '2026-09-06T09:00:00.000Z',
      '2026-09-06T15:00:00.000Z',
      '2026-09-06T21:00:00.000Z',
    ])
  })

  it('runs at midnight when the gap ends there', () => {
    expect(runs('30 23 * * *', 'America/Nuuk', '2027-03-27T12:00:00Z', 2)).toEqual([
      '2027-03-28T01:00:00.000Z',
      '2027-03-29T00:30:00.000Z',
    ])
    expect(runs('30 23 * * 6', 'America/Nuuk', '2027-03-22T12:00:00Z', 1)).toEqual(['2027-03-28T01:00:00.000Z'])
  })

  it('runs after a day that is left out as a whole', () => {
    const jump = '2011-12-30T10:00:00.000Z'
    for (const schedule of ['0 12 * * *', '30 4 30 12 *', '0 18 * * 5', '0 * * * 5', '15 30 23 * * 5']) {
      expect(runs(schedule, 'Pacific/Apia', '2011-12-30T09:59:59Z', 1), schedule).toEqual([jump])
    }
    expect(runs('0 12 * * *', 'Pacific/Kwajalein', '1993-08-21T00:00:00Z', 2)).toEqual([
      '1993-08-21T12:00:00.000Z',
      '1993-08-22T00:00:00.000Z',
    ])
  })

  it('with seconds runs after the gap once, and in each second as long as the clocks show it first', () => {
    expect(runs('*/20 30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ])
    expect(runs('59 59 1 * * *', 'Europe/Berlin', '2026-10-24T22:00:00Z', 2)).toEqual([
      '2026-10-24T23:59:59.000Z',
      '2026-10-26T00:59:59.000Z',
    ])
  })

  it.each(['2026-03-29T00:00:00.000Z', '2026-10-24T23:00:00.000Z'])('of an interval goes on evenly from %s', (from) => {
    const moments = [from, ...runs('*/30 * * * *', 'Europe/Berlin', from, 8)].map((at) => Date.parse(at))
    const gaps = moments.slice(1).map((at, index) => at - (moments[index] ?? 0))
    expect(gaps).toEqual(gaps.map(() => 1_800_000))
  })

  it('runs once on every day of the calendar, wherever and whenever that is', () => {
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'America/Santiago',
      'Asia/Kolkata',
      'UTC',
    ]
    const days = ['2026-03-06', '2026-03-27', '2026-04-03', '2026-09-04', '2026-10-02', '2026-10-23', '2026-10-30']
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...days),
        fc.nat({ max: 23 }),
        fc.nat({ max: 59 }),
        (timeZone, from, hour, minute) => {
          const schedule = `${minute} ${hour} * * *`
          const found = runs(schedule, timeZone, `${from}T12:00:00Z`, 5)
          expect(new Set(found.map((at) => localDay(at, timeZone))).size).toBe(5)
          const spanMs = Date.parse(found.at(-1) ?? '') - Date.parse(found[0] ?? '')
          expect(Math.abs(spanMs - 4 * 86_400_000)).toBeLessThanOrEqual(2 * 3_600_000)
          for (const at of found) expect(isRun(schedule, timeZone, new Date(at)), at).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })

  describe('agrees with a second opinion that looks at every minute', () => {
    const days = 4
    /** Where the schedule and the second opinion differ around a change of the clocks. */
    function differences(timeZone: string, changeMs: number, schedules: readonly string[]): string[] {
      const fromMs = changeMs - 86_400_000
      const shown = shownMinutes(timeZone, fromMs, days * 1440)
      return schedules.flatMap((schedule) => {
        const expected = expectedRuns(schedule, shown, fromMs)
        const found = runsUntil(schedule, timeZone, fromMs + 86_400_000, fromMs + days * 86_400_000)
        const missing = expected.filter((ms) => !found.includes(ms))
        const wrong = [...missing, ...found.filter((ms) => !expected.includes(ms))]
        const unknown = found.filter((ms) => !isRun(schedule, timeZone, new Date(ms)))
        return [...wrong, ...unknown].map((ms) => `${schedule} in ${timeZone} at ${new Date(ms).toISOString()}`)
      })
    }

    function runsUntil(schedule: string, timeZone: string, fromMs: number, toMs: number): number[] {
      const found: number[] = []
      let at = nextRun(schedule, timeZone, new Date(fromMs - 1))
      for (; at && at.getTime() < toMs; at = nextRun(schedule, timeZone, at)) found.push(at.getTime())
      return found
    }

    const zones = Intl.supportedValuesOf('timeZone')

    it('in every zone, around changes of its clocks', { timeout: 300_000 }, () => {
      for (const [index, timeZone] of zones.entries()) {
        const schedules = ['30 23 * * *', '15 0,2 * * *', '*/45 1-3 * * *']
        const changes = changesIn(timeZone, 1990 + ((index * 7) % 51))
        expect(changes.flatMap((changeMs) => differences(timeZone, changeMs, schedules))).toEqual([])
      }
    })

    const field = (min: number, max: number) => {
      const value = fc.integer({ min, max })
      const range = fc.tuple(value, value).map((ends) => `${Math.min(...ends)}-${Math.max(...ends)}`)
      const step = fc.integer({ min: 1, max: max - min })
      return fc.oneof(
        value.map(String),
        fc.constant('*'),
        range,
        fc.tuple(fc.oneof(range, fc.constant('*')), step).map((parts) => parts.join('/')),
        fc.tuple(value, value).map((values) => values.join(',')),
      )
    }
    const unusual = ['Pacific/Apia', 'Pacific/Kwajalein', 'Pacific/Kiritimati', 'Australia/Lord_Howe', 'America/Nuuk']

    it('for any schedule, in any zone and year', { timeout: 300_000 }, () => {
      fc.assert(
        fc.property(
          fc.oneof(fc.constantFrom(...zones), fc.constantFrom(...unusual)),
          fc.integer({ min: 1990, max: 2040 }),
          fc.tuple(field(0, 59), field(0, 23), fc.oneof(fc.constant('*'), field(1, 28)), field(1, 12), field(0, 6)),
          (timeZone, year, fields) => {
            for (const changeMs of changesIn(timeZone, year)) {
              expect(differences(timeZone, changeMs, [fields.join(' ')])).toEqual([])
            }
          },
        ),
        { numRuns: 150 },
      )
    })

    it.each([
      ['Pacific/Apia', 2011],
      ['Pacific/Kwajalein', 1993],
      ['Pacific/Kiritimati', 1994],
      ['Australia/Lord_Howe', 2026],
      ['America/Nuuk', 2027],
    ])('in %s, %d', (timeZone, year) => {
      const schedules = ['30 23 * * *', '0 12 * * 5', '0 * * * 5', '15 * * * *', '10 2 * * *', '0 0 31 12 *']
      const changes = changesIn(timeZone, year)
      expect(changes.length).toBeGreaterThan(0)
      expect(changes.flatMap((changeMs) => differences(timeZone, changeMs, schedules))).toEqual([])
    })
  })
})
