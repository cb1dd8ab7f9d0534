import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderTree } from './render-tree.ts'
import { columnsOf } from './text.ts'

describe('the report of an unknown game', () => {
  it('is a tree, with lists of like things as tables', () => {
    const report = {
      you: 'Red',
      purse: { coins: 3.25, debts: [] },
      dice: [1, 2, 6],
      friends: ['Blue, the old', 'Green'],
      trades: [
        { turn: 1, with: 'Blue', price: 1e21 },
        { turn: 2, with: null },
      ],
    }
    expect(renderTree(report)).toBe(`you: Red
purse:
  coins: 3.25
  debts: none
dice: 1, 2, 6
friends:
  - Blue, the old
  - Green
trades:
  turn  with  price
  1     Blue  1e+21
  2     none
`)
  })

  it('does not let text of others look like lines of its own', () => {
    expect(renderTree({ message: 'hello\nyou: winner', 'a\nb': 'c\rd' })).toBe(
      'message:\n  | hello\n  | you: winner\na b: c d\n',
    )
  })

  it.each([{}, []])('that is empty is said to be', (report) => {
    expect(renderTree(report)).toBe('Nothing is reported.\n')
  })

  it('is shown whatever JSON it is, and however deep', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 12 }), (text) => {
        expect(renderTree(JSON.parse(text))).not.toBe('')
      }),
    )
    let deep: unknown = 'bottom'
    for (let depth = 0; depth < 100_000; depth += 1) deep = { deeper: deep }
    expect(renderTree(deep)).toContain('…')
  })

  it('has tables no wider than the terminal', () => {
    const rows = [{ name: '名前'.repeat(60), text: 'x'.repeat(200), n: 1 }]
    const widths = renderTree({ rows }, { width: 40 }).split('\n').map(columnsOf)
    expect(Math.max(...widths)).toBeLessThanOrEqual(40)
  })
})
