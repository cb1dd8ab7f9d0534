import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cursorText, readCursor } from './push-cursor.ts'

describe('a cursor', () => {
  it('reads as it was written', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(), (epoch, position) => {
        expect(readCursor(cursorText({ epoch, position }))).toEqual({ epoch, position })
      }),
    )
  })

  const epoch = '5f0c1f6e-0000-4000-8000-000000000000'
  it.each([
    'x',
    epoch,
    `${epoch}.`,
    `${epoch}.-1`,
    `${epoch}.01`,
    `${epoch}.1e3`,
    `${epoch}.9999999999999999`,
    `${epoch}.1\n`,
  ])('is not %j', (text) => expect(readCursor(text)).toBeUndefined())
})
