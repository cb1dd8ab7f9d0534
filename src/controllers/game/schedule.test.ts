import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRun, nextRun } from './schedule.ts'

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

  it('of an interval within hours has none in the hour left out, and goes on through the one shown twice', () => {
    expect(runs('*/30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 1)).toEqual(['2026-03-30T00:00:00.000Z'])
    expect(runs('*/30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 5).map((at) => at.slice(8, 16))).toEqual([
      '25T00:00',
      '25T00:30',
      '25T01:00',
      '25T01:30',
      '26T01:00',
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
})
