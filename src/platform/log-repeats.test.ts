import { describe, expect, it } from 'vitest'
import { RepeatLimiter, type RepeatLimits, type Suppressed } from './log-repeats.ts'

const info = 30
const warn = 40

function aLimiter(limits: Partial<RepeatLimits> = {}) {
  const dropped = { repeated: 0 }
  const reports: (readonly Suppressed[])[] = []
  let end: (() => void) | undefined
  const limiter = new RepeatLimiter({
    limits: { windowMs: 1, warnings: 2, others: 3, kinds: 10, ...limits },
    dropped,
    openWindow: (ending) => (end = ending),
    report: (kinds) => void reports.push(kinds),
  })
  const admitted = (count: number, level: number, ...args: unknown[]) =>
    Array.from({ length: count }, () => limiter.admits(level, args)).filter(Boolean).length
  return { admitted, dropped, reports, end: () => end?.() }
}

describe('the limiter of repeated lines', () => {
  it('admits the first lines of a kind and reports how many it suppressed', () => {
    const { admitted, dropped, reports, end } = aLimiter()
    expect(admitted(10, warn, { reqId: 1 }, 'unhandled')).toBe(2)
    expect(admitted(10, info, 'signed in')).toBe(3)
    end()
    expect(reports).toMatchObject([
      [
        { message: 'unhandled', suppressed: 8 },
        { message: 'signed in', suppressed: 7 },
      ],
    ])
    expect(dropped).toEqual({ repeated: 15 })
    expect(admitted(10, warn, 'unhandled')).toBe(2)
  })

  it('tells errors of different places apart behind the same message', () => {
    const { admitted } = aLimiter()
    const here = new Error('a')
    const there = new Error('a')
    expect(admitted(10, warn, { err: here }, 'unhandled')).toBe(2)
    expect(admitted(10, warn, { err: there }, 'unhandled')).toBe(2)
  })

  it('bounds the kinds, whatever clients put into the texts', () => {
    const { admitted, reports, end } = aLimiter({ kinds: 5 })
    const total = Array.from({ length: 100 }, (_, i) => admitted(1, warn, `no such thing as ${i}`))
    expect(total.reduce((sum, each) => sum + each, 0)).toBe(5 + 2)
    end()
    expect(reports).toMatchObject([[{ message: 'various lines', suppressed: 93 }]])
  })
})
