import { describe, expect, it } from 'vitest'
import { formatTable } from './table.ts'

const table = {
  columnDefinitions: [{ name: 'Name' }, { name: 'Phase' }, { name: 'Runtime', priority: 1 }, { name: 'Age' }],
  rows: [
    { cells: ['andromeda', 'Running', 'process', '5m'], object: { metadata: { namespace: 'default' } } },
    { cells: ['x', null, null, '2d'], object: { metadata: { namespace: 'default' } } },
  ],
}

describe('a table', () => {
  it('is aligned as kubectl aligns it', () => {
    expect(formatTable(table, { wide: false, withNamespace: false })).toBe(
      ['NAME        PHASE     AGE', 'andromeda   Running   5m', 'x                     2d', ''].join('\n'),
    )
  })

  it('shows more when wide, and the namespace when asked', () => {
    expect(formatTable(table, { wide: true, withNamespace: true }).split('\n')[0]).toBe(
      'NAMESPACE   NAME        PHASE     RUNTIME   AGE',
    )
  })

  it('without rows is nothing', () => {
    expect(formatTable({ ...table, rows: null }, { wide: false, withNamespace: false })).toBe('')
  })

  it('lets no control sequence through to the terminal', () => {
    const rows = [{ cells: ['\u001b[2Jx'] }]
    expect(formatTable({ columnDefinitions: [{ name: 'Name' }], rows }, { wide: false, withNamespace: false })).toBe(
      'NAME\n [2Jx\n',
    )
  })
})
