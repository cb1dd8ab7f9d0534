import { describe, expect, it } from 'vitest'
import { createCertificate, isPair, validityProblem } from './index.ts'

const day = 86_400_000
const madeAt = new Date('2026-03-01T12:00:00Z')
const own = createCertificate(['localhost'], madeAt, { validDays: 90 })
const other = createCertificate(['localhost'], madeAt)

describe('the validity of a certificate', () => {
  it.each([
    { after: -120, problem: /^is not valid before 2026-02-28T12:00:00\.000Z/ },
    { after: 91, problem: /^has expired at 2026-05-30T12:00:00\.000Z$/ },
  ])('is told $after days after it was made', ({ after, problem }) => {
    expect(validityProblem(own.certificate, new Date(madeAt.getTime() + after * day))).toMatch(problem)
  })

  it.each([0, 1, 89])('is good %i days after it was made', (after) => {
    expect(validityProblem(own.certificate, new Date(madeAt.getTime() + after * day))).toBeUndefined()
  })
})

describe('a certificate and a key', () => {
  it('are a pair when the key is its own', () => {
    expect(isPair(own)).toBe(true)
    expect(isPair({ certificate: own.certificate, key: other.key })).toBe(false)
    expect(() => isPair({ certificate: '', key: own.key })).toThrow(/PEM|start line/i)
  })
})
