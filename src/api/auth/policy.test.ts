import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AuthPolicy, defaultAuthPolicy, type Happening, maySend } from './policy.ts'

const minuteMs = 60_000

/** Asks for a mail after each wait, and gives the times at which one was sent. */
function sendAfter(waitsMs: readonly number[], policy: AuthPolicy): number[] {
  const happenings: Happening[] = []
  let now = 0
  for (const waitMs of waitsMs) {
    now += waitMs
    const at = new Date(now)
    if (maySend(happenings, policy, at)) happenings.push({ at, sends: 1, failures: 0 })
  }
  return happenings.map(({ at }) => at.getTime())
}

describe('the budgets of an address', () => {
  it('hold in any minute, hour and day, wherever they begin (abuse 44)', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 40 * minuteMs }), { maxLength: 200 })
    fc.assert(
      fc.property(waits, (waitsMs) => {
        const sent = sendAfter(waitsMs, defaultAuthPolicy)
        for (const { max, withinMs } of defaultAuthPolicy.sends) {
          for (const from of sent) {
            expect(sent.filter((at) => at >= from && at < from + withinMs).length).toBeLessThanOrEqual(max)
          }
        }
      }),
    )
  })

  it('refuse nobody who asks rarely', () => {
    const waits = Array.from({ length: 30 }, () => 24 * 60 * minuteMs)
    expect(sendAfter(waits, defaultAuthPolicy)).toHaveLength(30)
  })

  it('have no room for a code that could not be confirmed any more (abuse 43)', () => {
    const at = new Date(0)
    const later = new Date(2 * minuteMs)
    expect(maySend([{ at, sends: 1, failures: 19 }], defaultAuthPolicy, later)).toBe(true)
    expect(maySend([{ at, sends: 1, failures: 20 }], defaultAuthPolicy, later)).toBe(false)
  })
})
