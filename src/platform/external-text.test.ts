import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { externalJson, externalText, isDeeperThan } from './external-text.ts'

/** Text of any code units: halves of surrogate pairs and control characters included. */
const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) })

describe('text from outside', () => {
  it.each([
    ['250 2.0.0 queued\0x', '250 2.0.0 queued\uFFFDx'],
    ['half \uD800 of a pair', 'half \uFFFD of a pair'],
    ['two\r\nlines\tand a tab', 'two  lines and a tab'],
    ['\u001B[31mred\u0007', '\uFFFD[31mred\uFFFD'],
    ['exe\u202Etxt.gnp', 'exe\uFFFDtxt.gnp'],
    ['ünïcödé 🚀', 'ünïcödé 🚀'],
  ])('%j becomes %j', (given, expected) => {
    expect(externalText(given)).toBe(expected)
  })

  it('keeps line feeds and tabs where lines are wanted', () => {
    expect(externalText('a\r\n\tb\0', { multiline: true })).toBe('a\n\tb\uFFFD')
  })

  it('never cuts a character in half', () => {
    expect(externalText('ab🚀cd', { maxLength: 4 })).toBe('ab…')
  })

  it('is well-formed, bounded, free of control characters, and the same when it comes in again', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 50 }), fc.boolean(), (text, maxLength, multiline) => {
        const safe = externalText(text, { maxLength, multiline })
        expect(safe.isWellFormed()).toBe(true)
        expect(safe.length).toBeLessThanOrEqual(maxLength)
        expect(safe).not.toMatch(multiline ? /[^\P{Cc}\n\t]/u : /\p{Cc}/u)
        expect(externalText(safe, { maxLength, multiline })).toBe(safe)
      }),
    )
  })
})

describe('JSON from outside', () => {
  it('has no unsafe text in values or in names, at any depth', () => {
    expect(externalJson({ 'a\0': ['\uD800', { b: 'c\0', n: 1, t: true, z: null }] })).toEqual({
      'a\uFFFD': ['\uFFFD', { b: 'c\uFFFD', n: 1, t: true, z: null }],
    })
  })

  it('can be serialised whatever its depth', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)
    expect(isDeeperThan(deep)).toBe(true)
    expect(isDeeperThan([[['a']]], 3)).toBe(false)
    expect(isDeeperThan([[[['a']]]], 3)).toBe(true)
    expect(JSON.stringify(externalJson(deep)).length).toBeLessThan(1000)
  })
})
