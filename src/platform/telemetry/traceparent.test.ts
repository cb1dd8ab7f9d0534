import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTraceparent, parseTraceparent } from './traceparent.ts'

const trace = '0af7651916cd43dd8448eb211c80319c'
const span = 'b7ad6b7169203331'
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: length, maxLength: length })
const id = (length: number) => hex(length).filter((text) => /[^0]/.test(text))

describe('a traceparent', () => {
  it('says again what it was written from', () => {
    fc.assert(
      fc.property(id(32), id(16), fc.boolean(), (traceId, spanId, sampled) => {
        const ids = { traceId, spanId, sampled }
        expect(parseTraceparent(formatTraceparent(ids))).toEqual(ids)
      }),
    )
  })

  it('of a later version is read as far as it is known', () => {
    expect(parseTraceparent(`01-${trace}-${span}-03-more`)).toEqual({ traceId: trace, spanId: span, sampled: true })
  })

  it.each([
    ['nothing', undefined],
    ['two of them', [`00-${trace}-${span}-01`]],
    ['upper case', `00-${trace.toUpperCase()}-${span}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${span}-01`],
    ['a span id of zeros', `00-${trace}-${'0'.repeat(16)}-01`],
    ['a version that there will never be', `ff-${trace}-${span}-01`],
    ['more than version 00 has', `00-${trace}-${span}-01-more`],
    ['something else after it', `01-${trace}-${span}-01more`],
    ['a line break at its end', `00-${trace}-${span}-01\n`],
  ])('is not %s', (_what, header) => {
    expect(parseTraceparent(header)).toBeUndefined()
  })
})
