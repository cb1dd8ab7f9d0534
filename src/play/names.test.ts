import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinName, resolveName } from './names.ts'

const races = ['Terrans', 'Vegans', 'The Void', 'ΣΊΣΥΦΟΣ', 'abc', 'ABC']

describe('a name that was typed', () => {
  it.each([
    ['Terrans', 'Terrans'],
    ['terrans', 'Terrans'],
    ['VEG', 'Vegans'],
    ['the', 'The Void'],
    ['abc', 'abc'],
    ['ABC', 'ABC'],
    ['e\u0301', 'É'],
  ])('%s stands for %s', (given, name) => {
    expect(resolveName(given, [...races, 'É'])).toBe(name)
  })

  it.each([
    ['t', "'t' may be any of: Terrans, The Void"],
    ['aBc', "'aBc' may be any of: abc, ABC"],
    ['Zerks', "there is no race 'Zerks': there are Terrans"],
    ['', "there is no race ''"],
  ])('%j stands for none, and the names are listed', (given, problem) => {
    expect(() => resolveName(given, races)).toThrow(problem)
  })

  it('always finds what is written as it is, whatever else there is', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }), fc.nat(), (names, index) => {
        const name = names[index % names.length] ?? ''
        expect(resolveName(name, names)).toBe(name)
      }),
    )
  })
})

it.each([
  { words: ['the', 'void', 'hello'], joined: ['the void', 'hello'] },
  { words: ['the', 'hello'], joined: ['the', 'hello'] },
  { words: [], joined: [] },
])('words that are a name together are one: $words', ({ words, joined }) => {
  expect(joinName(words, races)).toEqual(joined)
})
