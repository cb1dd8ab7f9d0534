import { describe, expect, it } from 'vitest'
import { amountOf, quoted, readLine, wholeNumber } from './words.ts'

describe('a line', () => {
  it.each([
    { line: 'games', name: 'games', words: [] },
    { line: '  Send 2   5 unload ', name: 'send', words: ['2', '5', 'unload'] },
    { line: 'rename 1 "New Terra"', name: 'rename', words: ['1', 'New Terra'] },
    { line: 'stance "The People" war', name: 'stance', words: ['The People', 'war'] },
    { line: "design D'ni 1 0 0 0 1", name: 'design', words: ["D'ni", '1', '0', '0', '0', '1'] },
    { line: 'order {"type": "unload"}', name: 'order', words: ['{"type": "unload"}'] },
    { line: 'message Vegans ""', name: 'message', words: ['Vegans', ''] },
  ])('$line is split into words', ({ line, name, words }) => {
    expect(readLine(line)).toMatchObject({ name, words })
  })

  it.each(['', '   '])('%j says nothing', (line) => {
    expect(readLine(line)).toBeUndefined()
  })

  it('with an open quote is refused', () => {
    expect(readLine('rename 1 "New Terra')).toEqual({ problem: 'a double quote is not closed' })
  })
})

it.each([
  { word: '12', whole: 12, amount: 12 },
  { word: '7.5', whole: undefined, amount: 7.5 },
  { word: '0', whole: undefined, amount: 0 },
  { word: '-1', whole: undefined, amount: undefined },
  { word: '1e9', whole: undefined, amount: undefined },
  { word: 'x', whole: undefined, amount: undefined },
  { word: undefined, whole: undefined, amount: undefined },
])('$word is read as a number', ({ word, whole, amount }) => {
  expect([wholeNumber(word), amountOf(word)]).toEqual([whole, amount])
})

it.each([
  ['Cruiser', 'Cruiser'],
  ['New Terra', '"New Terra"'],
  ['', '""'],
])('%j is typed as %s', (word, typed) => {
  expect(quoted(word)).toBe(typed)
})
