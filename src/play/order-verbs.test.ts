import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readOrder } from '../../test/support/reference-rules.ts'
import { describeOrder } from './describe-order.ts'
import { orderVerb, orderVerbs } from './order-verbs.ts'
import { readLine } from './words.ts'

function orderOf(line: string) {
  const typed = readLine(line)
  if (!typed || 'problem' in typed) throw new Error(line)
  return orderVerb(typed.name)?.read(typed.words, { races: ['Terrans', 'Vegans', 'The Vegans'] })
}

const understood = [
  { line: 'produce 1 industry', order: { type: 'produce', planet: 1, production: { make: 'industry' } } },
  { line: 'produce 1 colonists', order: { type: 'produce', planet: 1, production: { make: 'colonists' } } },
  {
    line: 'produce 1 research drive',
    order: { type: 'produce', planet: 1, production: { make: 'research', technology: 'drive' } },
  },
  {
    line: 'produce 1 ship "Big Hauler"',
    order: { type: 'produce', planet: 1, production: { make: 'ship', design: 'Big Hauler' } },
  },
  {
    line: 'design Cruiser 20 10 3 15.5 0',
    order: { type: 'design', name: 'Cruiser', drive: 20, attack: 10, weapons: 3, shields: 15.5, cargo: 0 },
  },
  { line: 'load 2 colonists 7.5', order: { type: 'load', group: 2, cargo: 'colonists', amount: 7.5 } },
  { line: 'load 2 capital', order: { type: 'load', group: 2, cargo: 'capital' } },
  { line: 'send 2 5', order: { type: 'send', group: 2, to: 5 } },
  { line: 'send 2 5 1', order: { type: 'send', group: 2, to: 5, ships: 1 } },
  { line: 'send 2 5 unload', order: { type: 'send', group: 2, to: 5, unload: true } },
  { line: 'send 2 5 1 unload', order: { type: 'send', group: 2, to: 5, ships: 1, unload: true } },
  { line: 'unload 2', order: { type: 'unload', group: 2 } },
  { line: 'scrap 1', order: { type: 'scrap', group: 1 } },
  { line: 'scrap 1 3', order: { type: 'scrap', group: 1, ships: 3 } },
  { line: 'stance "The Vegans" peace', order: { type: 'stance', raceName: 'The Vegans', stance: 'peace' } },
  { line: 'rename 1 "New Terra"', order: { type: 'rename', planet: 1, name: 'New Terra' } },
  { line: 'message Vegans Is it peace?', order: { type: 'message', raceName: 'Vegans', text: 'Is it peace?' } },
]

describe('an order in its short form', () => {
  it.each(understood)('$line', ({ line, order }) => {
    expect(orderOf(line)).toEqual(order)
    expect(describeOrder(order)).toBe(line)
  })

  it.each(understood)('$line is one that the engine understands', ({ order }) => {
    expect(readOrder(order)).toMatchObject(order)
  })

  it.each(orderVerbs)('$example is an example of $name that works', ({ name, example }) => {
    expect(orderOf(example ?? '')).toMatchObject({ type: name })
  })

  it.each([
    { line: 'stance vegans PEACE', order: { type: 'stance', raceName: 'Vegans', stance: 'peace' } },
    { line: 'stance veg war', order: { type: 'stance', raceName: 'Vegans', stance: 'war' } },
    { line: 'stance the vegans war', order: { type: 'stance', raceName: 'The Vegans', stance: 'war' } },
    { line: 'message THE hello', order: { type: 'message', raceName: 'The Vegans', text: 'hello' } },
    { line: 'produce 1 Research Drive', order: { production: { make: 'research', technology: 'drive' } } },
    { line: 'load 2 Colonists', order: { type: 'load', cargo: 'colonists' } },
    { line: 'send 2 5 UNLOAD', order: { type: 'send', unload: true } },
  ])('is understood in other case and shorter: $line', ({ line, order }) => {
    expect(orderOf(line)).toMatchObject(order)
  })

  it.each([
    { line: 'stance T war', problem: "'T' may be any of: Terrans, The Vegans" },
    { line: 'stance Zerks war', problem: "there is no race 'Zerks': there are Terrans, Vegans, The Vegans" },
    { line: 'message Zerks hi', problem: "there is no race 'Zerks'" },
  ])('names the races when none is meant for sure: $line', ({ line, problem }) => {
    expect(() => orderOf(line)).toThrow(problem)
  })

  it.each([
    'produce',
    'produce 1',
    'produce x industry',
    'produce 1 nonsense',
    'produce 1 research luck',
    'produce 1 ship',
    'produce 1 industry now',
    'design Cruiser 1 2 3',
    'design Cruiser 1 2 3 4 five',
    'design Cruiser 1 2 3 4 5 6',
    'load 2',
    'load 2 people',
    'load 2 colonists 0',
    'load 2 colonists 1 2',
    'send 2',
    'send 2 5 all',
    'send 2 5 0',
    'send 2 5 unload 1',
    'unload',
    'unload 2 3',
    'scrap 0',
    'scrap 1 2 3',
    'stance Vegans love',
    'stance Vegans',
    'rename 1',
    'message Vegans',
  ])('%s is not understood', (line) => {
    expect(orderOf(line)).toBeUndefined()
  })

  it('comes back from its description', () => {
    const id = fc.integer({ min: 1, max: 999_999 })
    const ships = fc.option(id, { nil: undefined })
    fc.assert(
      fc.property(id, id, ships, fc.boolean(), (group, to, ships, unload) => {
        const order = { type: 'send', group, to, ...(ships ? { ships } : {}), ...(unload ? { unload } : {}) }
        expect(orderOf(describeOrder(order))).toEqual(order)
      }),
    )
  })
})

it.each([{ type: 'dance' }, { type: 'unload', group: 2, surprise: 1 }, {}])(
  'an order without a short form is shown as it is: %j',
  (order) => {
    expect(describeOrder(order)).toBe(`order ${JSON.stringify(order)}`)
  },
)
