import { describe, expect, it } from 'vitest'
import type { PrinterColumn } from '../../../resources/index.ts'
import { cellsOf, columnsOf, humanDuration } from './index.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day

describe('humanDuration', () => {
  // https://github.com/kubernetes/apimachinery/blob/master/pkg/util/duration/duration_test.go
  it.each([
    [-2 * second, '<invalid>'],
    [-1 * second, '0s'],
    [0, '0s'],
    [second - 1, '0s'],
    [second, '1s'],
    [70 * second, '70s'],
    [2 * minute - 1, '119s'],
    [2 * minute, '2m'],
    [190 * second, '3m10s'],
    [10 * minute - 1, '9m59s'],
    [10 * minute, '10m'],
    [70 * minute, '70m'],
    [3 * hour - 1, '179m'],
    [3 * hour, '3h'],
    [3 * hour + 10 * minute, '3h10m'],
    [8 * hour - 1, '7h59m'],
    [8 * hour, '8h'],
    [48 * hour - 1, '47h'],
    [2 * day, '2d'],
    [2 * day + hour, '2d1h'],
    [8 * day - 1, '7d23h'],
    [8 * day, '8d'],
    [2 * year - 1, '729d'],
    [2 * year, '2y'],
    [2 * year + day, '2y1d'],
    [8 * year - 1, '7y364d'],
    [8 * year, '8y'],
    [9 * year + 3 * day, '9y'],
  ])('says %d ms as %s', (ms, said) => {
    expect(humanDuration(ms)).toBe(said)
  })
})

const now = new Date('2030-01-01T12:00:00Z')

function cell(jsonPath: string, object: Record<string, unknown>, type: PrinterColumn['type'] = 'string'): unknown {
  const columns = columnsOf([{ name: 'X', type, jsonPath, description: '', priority: 0 }])
  return cellsOf(columns, { metadata: { name: 'a' }, ...object }, now)[1]
}

describe('columnsOf', () => {
  it('begins with the name', () => {
    const column: PrinterColumn = {
      name: 'Phase',
      type: 'string',
      jsonPath: '.status.phase',
      description: 'd',
      priority: 1,
    }
    expect(columnsOf([column])).toEqual([
      expect.objectContaining({ name: 'Name', type: 'string', format: 'name', priority: 0 }),
      { ...column, format: '' },
    ])
  })

  it('shows the age of what has no columns', () => {
    const columns = columnsOf([])
    expect(columns.map(({ name }) => name)).toEqual(['Name', 'Age'])
    const object = { metadata: { name: 'a', creationTimestamp: '2030-01-01T11:59:00Z' } }
    expect(cellsOf(columns, object, now)).toEqual(['a', '60s'])
  })
})

describe('cellsOf', () => {
  const conditions = [
    { type: 'Ready', status: 'True' },
    { type: 'Done', status: 'False' },
  ]

  it.each<[string, Record<string, unknown>, unknown]>([
    ['.status.phase', { status: { phase: 'Running' } }, 'Running'],
    ['.status.phase', {}, null],
    ['.status.phase', { status: { phase: null } }, null],
    ['.spec.list[1]', { spec: { list: ['a', 'b'] } }, 'b'],
    ['.spec.list[-1]', { spec: { list: ['a', 'b'] } }, 'b'],
    ['.spec.list[2]', { spec: { list: ['a', 'b'] } }, null],
    ['.status.conditions[?(@.type=="Ready")].status', { status: { conditions } }, 'True'],
    [".status.conditions[?(@.type=='Done')].status", { status: { conditions } }, 'False'],
    ['.status.conditions[?(@.type=="Else")].status', { status: { conditions } }, null],
    ['.metadata.labels.example\\.com/a', { metadata: { labels: { 'example.com/a': 'b' } } }, 'b'],
    [".metadata.labels['example.com/a']", { metadata: { labels: { 'example.com/a': 'b' } } }, 'b'],
    ['.spec', { spec: { a: [1] } }, '{"a":[1]}'],
    ['.constructor', {}, null],
  ])('reads %s of %j as %j', (path, object, value) => {
    expect(cell(path, object)).toEqual(value)
  })

  it('prints dates as ages', () => {
    expect(cell('.at', { at: '2030-01-01T09:50:00Z' }, 'date')).toBe('130m')
    expect(cell('.at', {}, 'date')).toBe('<unknown>')
    expect(cell('.at', { at: 'noon' }, 'date')).toBe('<invalid>')
  })

  it('shows as integers only numbers', () => {
    expect([cell('.n', { n: 3 }, 'integer'), cell('.n', { n: '3' }, 'integer'), cell('.n', {}, 'integer')]).toEqual([
      3,
      null,
      null,
    ])
  })
})
