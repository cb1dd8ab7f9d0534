import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExactJson, unportableNumbers } from './exact-json.ts'
import { canonicalJson, isObject } from './json.ts'

const through = (text: string) => JSON.stringify(parseExactJson(text))

/** JavaScript writes large numbers with few digits as 1.5e+30. */
function asBigInt(written: string): bigint {
  const [mantissa = '', power = '0'] = written.split('e+')
  const [whole = '', fraction = ''] = mantissa.split('.')
  return BigInt(whole + fraction) * 10n ** BigInt(Number(power) - fraction.length)
}

describe('exact JSON', () => {
  it.each([
    '9007199254740993',
    '-9007199254740993',
    '1764547200123456789',
    '9223372036854775807',
    '-9223372036854775808',
    '123456789012345678901234567890',
    '0.1234567890123456789',
    '3.14159265358979323846',
    '1e400',
    '-1e400',
    '1e-400',
    '9007199254740993.5',
    '9007199254740993e0',
  ])('keeps %s', (number) => {
    expect(through(`{"a":[${number},"x"]}`)).toBe(`{"a":[${number},"x"]}`)
    expect(through(number)).toBe(number)
  })

  it.each([
    ['1.0', '1'],
    ['-0', '0'],
    ['-0.0e5', '0'],
    ['1e3', '1000'],
    ['1E+2', '100'],
    ['100000000000000000000', '100000000000000000000'],
    ['1.50', '1.5'],
    ['1e-7', '1e-7'],
    ['0.30000000000000004', '0.30000000000000004'],
    ['0.10000000000000001', '0.1'],
    ['9007199254740992', '9007199254740992'],
  ])('takes %s for the number %s, which it is', (written, number) => {
    expect(through(`[ ${written} ]`)).toBe(`[${number}]`)
  })

  it('is what JSON.parse says wherever that changes no number', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        expect(parseExactJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('keeps every integer of any length, wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
        fc.constantFrom('', ' ', '\n\t'),
        (number, space) => {
          const text = through(`{"a":${space}${number},"b":[${space}${number},${space}${number}]}`)
          const numbers = [...text.matchAll(/-?\d[\d.e+]*/g)].map(([written]) => asBigInt(written))
          expect(numbers).toEqual([number, number, number])
        },
      ),
    )
  })

  it('is never taken for an object, and is compared by what it says', () => {
    const value = parseExactJson('9007199254740993')
    expect(isObject(value)).toBe(false)
    expect(isObject({ rawJSON: '1' })).toBe(true)
    expect(canonicalJson({ b: value, a: 1 })).toBe('{"a":1,"b":9007199254740993}')
    expect(value).toEqual(parseExactJson('9007199254740993'))
    expect(value).not.toEqual(parseExactJson('9007199254740995'))
  })

  it.each(['{', '[1e400', '01', '1e', '9007199254740993x', ''])('refuses %j as JSON.parse does', (text) => {
    expect(() => parseExactJson(text)).toThrow(SyntaxError)
  })
})

describe('a number', () => {
  const unfit = (text: string) => unportableNumbers(parseExactJson(text)).map(({ path }) => path)

  it.each(['9007199254740993', '9223372036854775807', '-9223372036854775808', '0.10000000000000001', '5.97e24', '0.1'])(
    'is the same for every reader: %s',
    (number) => {
      expect(unfit(`{"a":${number}}`)).toEqual([])
    },
  )

  it.each([
    '9223372036854775808',
    '-9223372036854775809',
    '123456789012345678901234567890',
    '1e400',
    '1e-400',
    '3.14159265358979323846',
    '9007199254740993.0',
    '9007199254740993e0',
  ])('is named with its path where readers would differ: %s', (number) => {
    expect(unfit(`{"spec":{"settings":{"list":[0,${number}]}}}`)).toEqual(['spec.settings.list[1]'])
  })
})
