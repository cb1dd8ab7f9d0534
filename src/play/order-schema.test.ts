import { describe, expect, it } from 'vitest'
import { describeReference as reference } from '../../test/support/reference-rules.ts'
import { describeByForm, describedVerbs } from './order-schema.ts'
import { readLine } from './words.ts'

const stats: never[] = []
const help = (...verbs: string[]) => verbs.map((verb) => ({ verb, text: `What ${verb} does.` }))

const poker = {
  name: 'Poker',
  help: help('bet', 'fold', 'say'),
  stats,
  orders: {
    oneOf: [
      { $ref: '#/$defs/bet' },
      { properties: { verb: { const: 'fold' } }, required: ['verb'] },
      {
        properties: { verb: { const: 'say' }, raceName: { type: 'string' }, text: { type: 'string' } },
        required: ['verb', 'raceName', 'text'],
      },
    ],
    $defs: {
      bet: {
        properties: {
          verb: { const: 'bet' },
          chips: { type: 'integer' },
          suit: { enum: ['Hearts', 'Spades'] },
          blind: { type: 'boolean' },
        },
        required: ['verb', 'chips'],
      },
    },
  },
}

function orderOf(description: Parameters<typeof describedVerbs>[0], line: string) {
  const typed = readLine(line)
  if (!typed || 'problem' in typed) throw new Error(line)
  const verb = describedVerbs(description).find(({ name }) => name === typed.name)
  return verb?.read(typed.words, { races: ['Red', 'Blue'] })
}

describe('the orders of a game that describes itself', () => {
  it.each([
    { line: 'bet 5', order: { verb: 'bet', chips: 5 } },
    { line: 'bet 5 spa', order: { verb: 'bet', chips: 5, suit: 'Spades' } },
    { line: 'bet blind=yes 5', order: { verb: 'bet', chips: 5, blind: true } },
    { line: 'bet suit=HEARTS chips=7 blind=no', order: { verb: 'bet', suit: 'Hearts', chips: 7, blind: false } },
    { line: 'fold', order: { verb: 'fold' } },
    { line: 'say blue well played, x=1', order: { verb: 'say', raceName: 'Blue', text: 'well played, x=1' } },
  ])('are typed as words: $line', ({ line, order }) => {
    expect(orderOf(poker, line)).toEqual(order)
    const shown = describeByForm(poker, order)
    expect(orderOf(poker, shown ?? '')).toEqual(order)
  })

  it.each(['bet', 'bet 5 Hearts yes more', 'fold now', 'say Red'])('are not what %s is', (line) => {
    expect(orderOf(poker, line)).toBeUndefined()
  })

  it.each([
    { line: 'bet five', problem: "chips must be a whole number, not 'five'" },
    { line: 'bet 1.5', problem: 'chips must be a whole number' },
    { line: 'bet 9007199254740993', problem: 'chips must be a whole number' },
    { line: 'bet 1 Clubs', problem: "there is no suit 'Clubs': there are Hearts, Spades" },
    { line: 'bet 1 Hearts perhaps', problem: 'blind must be yes or no' },
    { line: 'say Green hi', problem: "there is no race 'Green'" },
  ])('name what is wrong: $line', ({ line, problem }) => {
    expect(() => orderOf(poker, line)).toThrow(problem)
  })

  it('say how they are typed', () => {
    expect(describedVerbs(poker).map(({ usage }) => usage)).toEqual([
      'bet <chips> [suit: Hearts | Spades] [blind]',
      'fold',
      'say <raceName> <text>',
    ])
  })

  it('may be of one form without a verb, where the game has one', () => {
    const orders = {
      type: 'object',
      properties: { row: { type: 'integer' }, column: { type: 'integer' } },
      required: ['row', 'column'],
    }
    const ticTacToe = { name: 'Tic-tac-toe', help: help('mark'), stats, orders }
    expect(orderOf(ticTacToe, 'mark 1 3')).toEqual({ row: 1, column: 3 })
  })

  it('take over what the schema says beside its variants', () => {
    const orders = {
      properties: { seat: { type: 'integer' } },
      required: ['seat'],
      anyOf: [{ properties: { kind: { const: 'bet' } } }, { properties: { kind: { const: 'fold' } } }],
    }
    expect(orderOf({ ...poker, orders }, 'fold 3')).toEqual({ kind: 'fold', seat: 3 })
    expect(orderOf({ ...poker, orders }, 'bet')).toBeUndefined()
  })

  it('of the reference engine can be typed by its own description', () => {
    const verbs = describedVerbs(JSON.parse(reference()))
    expect(verbs.map(({ name }) => name)).toContain('send')
    expect(orderOf(JSON.parse(reference()), 'send 2 5')).toEqual({ type: 'send', group: 2, to: 5 })
  })

  it.each([
    {},
    { oneOf: 'all' },
    { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } },
    { $ref: 'https://example.com/schema' },
    { properties: { __proto__: { const: 'bet' } } },
    { properties: { verb: { $ref: '#/nowhere' } } },
  ])('are typed as JSON where the schema says too little: %j', (orders) => {
    expect(describedVerbs({ ...poker, orders })).toEqual([])
  })
})
