import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCodes, peppers, randomCode, trimCode } from './codes.ts'
import { pepper } from './fixtures.ts'

const codes = createCodes([pepper('k2'), pepper('k1')])
const challengeId = randomUUID()

describe('a code', () => {
  it('is eight digits, leading zeros and all', () => {
    const many = Array.from({ length: 2000 }, randomCode)
    expect(many.filter((code) => !/^[0-9]{8}$/.test(code))).toEqual([])
    expect(new Set(many.map((code) => code[0])).size).toBe(10)
  })

  it('matches its own challenge only (abuse 46)', () => {
    const kept = codes.hash(challengeId, '01234567')
    expect(kept.mac).toHaveLength(32)
    expect(codes.matches(challengeId, '01234567', kept)).toBe(true)
    expect(codes.matches(challengeId, '01234568', kept)).toBe(false)
    expect(codes.matches(randomUUID(), '01234567', kept)).toBe(false)
  })

  it('matches nothing where no code was mailed, or no challenge is', () => {
    expect(codes.matches(challengeId, '01234567', codes.unguessable())).toBe(false)
    expect(codes.matches(challengeId, '01234567', undefined)).toBe(false)
  })

  it('is typed with ASCII whitespace around it, and with nothing else (abuse 46)', () => {
    expect(trimCode(' \t01234567\r\n')).toBe('01234567')
    for (const typed of ['\u00a001234567', '０１２３４５６７', '0123 4567', '+1234567', ''])
      expect(trimCode(typed)).toBe(typed)
  })
})

describe('peppers', () => {
  it('are changed while codes are on their way: old ones still match, new ones are hashed with the first', () => {
    const before = createCodes([pepper('k1')]).hash(challengeId, '01234567')
    expect(codes.matches(challengeId, '01234567', before)).toBe(true)
    expect(codes.hash(challengeId, '01234567').kid).toBe('k2')
  })

  it('that are gone take their codes with them', () => {
    const before = createCodes([pepper('k0')]).hash(challengeId, '01234567')
    expect(codes.matches(challengeId, '01234567', before)).toBe(false)
    expect(codes.matches(challengeId, '01234567', { ...codes.hash(challengeId, '01234567'), kid: 'k0' })).toBe(false)
  })

  it('are read from the setting, the first one being the active one', () => {
    const keys = fc.uniqueArray(
      fc.record({
        kid: fc.stringMatching(/^[A-Za-z0-9_-]{1,32}$/),
        key: fc.uint8Array({ minLength: 32, maxLength: 64 }),
      }),
      { minLength: 1, maxLength: 4, selector: ({ kid }) => kid },
    )
    fc.assert(
      fc.property(keys, (given) => {
        const text = given.map(({ kid, key }) => `${kid}:${Buffer.from(key).toString('base64')}`).join(', ')
        const read = peppers.parse(text).map(({ kid, key }) => ({ kid, key: new Uint8Array(key) }))
        expect(read).toEqual(given)
      }),
    )
  })

  const key = Buffer.alloc(32, 7).toString('base64')
  it.each(['', 'k1', 'k1:', `:${key}`, `k1:${key.slice(8)}`, `k1:${key},`, `k1:${key},k2`, `k1:${key},k1:${key}`])(
    'are refused as "%s", and not repeated',
    (text) => {
      const { success, error } = peppers.safeParse(text)
      expect(success).toBe(false)
      expect(error?.message).not.toContain(key.slice(8))
    },
  )
})
