import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parseExactJson } from './exact-json.ts'
import { readInput } from './input.ts'

describe('input with a number that JavaScript would round (abuse 105)', () => {
  const Turn = z.strictObject({ turn: z.int() })

  it('is refused as a number that is too large', () => {
    expect(() => readInput(Turn, parseExactJson('{"turn":9007199254740993}'))).toThrow(/^turn: Too big/)
  })

  it('is refused as a number where an object is expected', () => {
    expect(() => readInput(Turn, parseExactJson('1e999'))).toThrow(
      /^Invalid input: expected object, received (?!object)/,
    )
  })

  it('keeps its digits where any value may stand', () => {
    const read = readInput(z.object({ order: z.unknown() }), parseExactJson('{"order":9007199254740993}'))
    expect(JSON.stringify(read)).toBe('{"order":9007199254740993}')
  })
})
