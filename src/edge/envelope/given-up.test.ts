import { describe, expect, it } from 'vitest'
import { createGivenUpAttempts } from './given-up.ts'

const attempt = (key: string, token: string, notAfterMs = 100) => ({ key, token, notAfterMs, expiresMs: 1000 })

describe('attempts that were given up', () => {
  it('are known by their key until they are removed', () => {
    const attempts = createGivenUpAttempts()
    attempts.add(attempt('a', '1'))
    attempts.add(attempt('a', '2'))
    attempts.add(attempt('b', '3'))
    expect(attempts.tokensOf('a')).toEqual(['1', '2'])
    attempts.remove({ key: 'a', token: '1' })
    expect(attempts.tokensOf('a')).toEqual(['2'])
    expect(attempts.tokensOf('c')).toEqual([])
  })

  it('are settled once the store would ignore them', () => {
    const attempts = createGivenUpAttempts()
    attempts.add(attempt('a', '1', 100))
    attempts.add(attempt('b', '2', 200))
    expect(attempts.settled(150, 0).map(({ token }) => token)).toEqual(['1'])
  })

  it('are forgotten when their reservation has expired', () => {
    const attempts = createGivenUpAttempts()
    attempts.add(attempt('a', '1'))
    expect(attempts.settled(150, 1000)).toEqual([])
    expect(attempts.tokensOf('a')).toEqual([])
  })

  it('are bounded: the oldest are forgotten', () => {
    const attempts = createGivenUpAttempts(2)
    for (const token of ['1', '2', '3']) attempts.add(attempt(token, token))
    expect(['1', '2', '3'].map((key) => attempts.tokensOf(key).length)).toEqual([0, 1, 1])
  })
})
