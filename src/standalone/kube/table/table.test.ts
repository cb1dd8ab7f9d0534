import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../platform/json.ts'
import { customResourceDefinitions, type PrinterColumn } from '../../../resources/index.ts'
import { cellsOf, columnsOf, humanDuration } from './index.ts'

const now = new Date('2026-11-21T10:00:00Z')

const column = (jsonPath: string, type: PrinterColumn['type'] = 'string'): PrinterColumn => ({
  name: 'It',
  type,
  jsonPath,
  description: '',
  priority: 0,
})
const cell = (jsonPath: string, object: JsonObject, type?: PrinterColumn['type']) =>
  cellsOf(columnsOf([column(jsonPath, type)]), object, now)[1]

describe('humanDuration', () => {
  const [s, m, h, d] = [1000, 60_000, 3_600_000, 86_400_000]

  it.each([
    [-2 * s, '<invalid>'],
    [-1 * s, '0s'],
    [-1, '0s'],
    [0, '0s'],
    [5.9 * s, '5s'],
    [119 * s, '119s'],
    [2 * m, '2m'],
    [3 * m + 10 * s, '3m10s'],
    [10 * m + 10 * s, '10m'],
    [179 * m, '179m'],
    [3 * h, '3h'],
    [3 * h + 5 * m, '3h5m'],
    [8 * h + 5 * m, '8h'],
    [47 * h, '47h'],
    [48 * h, '2d'],
    [52 * h, '2d4h'],
    [8 * d + h, '8d'],
    [729 * d, '729d'],
    [730 * d, '2y'],
    [800 * d, '2y70d'],
    [8 * 365 * d + 5 * d, '8y'],
  ])('says %d ms as %s', (ms, expected) => {
    expect(humanDuration(ms)).toBe(expected)
  })
})

describe('columnsOf', () => {
  it('begins with the name, and has the age when a kind says nothing', () => {
    expect(columnsOf([]).map(({ name, type, format }) => [name, type, format])).toEqual([
      ['Name', 'string', 'name'],
      ['Age', 'date', ''],
    ])
  })

  it('has what the definition of a kind asks for, the wide ones marked', () => {
    const games = customResourceDefinitions[0]?.spec.versions[0]?.additionalPrinterColumns ?? []
    expect(columnsOf(games).map(({ name, priority }) => `${name}${priority === 0 ? '' : ' (wide)'}`)).toEqual([
      'Name',
      'Phase',
      'Turn',
      'Next',
      'Players',
      'Engine',
      'Age',
      'Ready (wide)',
      'Reason (wide)',
      'Runtime (wide)',
      'Restarts (wide)',
      'Endpoint (wide)',
    ])
  })
})

describe('cellsOf', () => {
  it('names the object, and is null where there is nothing', () => {
    const games = customResourceDefinitions[0]?.spec.versions[0]?.additionalPrinterColumns ?? []
    const object = {
      metadata: { name: 'a', creationTimestamp: '2026-11-21T09:55:00Z' },
      status: {
        phase: 'Running',
        turn: { number: 12 },
        conditions: [
          { type: 'Ready', status: 'False', reason: 'BackOff' },
          { type: 'Degraded', status: 'True', reason: 'ImageUnavailable' },
        ],
      },
    }
    expect(cellsOf(columnsOf(games), object, now)).toEqual([
      'a',
      'Running',
      12,
      null,
      null,
      null,
      '5m',
      'False',
      'ImageUnavailable',
      null,
      null,
      null,
    ])
  })

  it.each([
    ['.spec.a', { spec: { a: 'x' } }, 'x'],
    ['.spec["a.b/c"]', { spec: { 'a.b/c': 'x' } }, 'x'],
    ["['spec']['a']", { spec: { a: 'x' } }, 'x'],
    ['.metadata.labels.galaxy\\.dev/game', { metadata: { labels: { 'galaxy.dev/game': 'x' } } }, 'x'],
    ['.spec.list[1]', { spec: { list: ['x', 'y'] } }, 'y'],
    ['.spec.list[-1]', { spec: { list: ['x', 'y'] } }, 'y'],
    ['.spec.list[*].a', { spec: { list: [{ a: 'x' }, { a: 'y' }] } }, 'x'],
    ['.spec.list[5]', { spec: { list: ['x'] } }, null],
    [
      '.status.conditions[?(@.type=="Ready")].status',
      {
        status: {
          conditions: [
            { type: 'A', status: '1' },
            { type: 'Ready', status: 'True' },
          ],
        },
      },
      'True',
    ],
    ['.status.conditions[?(@.type=="Ready")].status', { status: { conditions: [] } }, null],
    ['.status.conditions[?(@.type=="Ready")].status', {}, null],
    ['.spec.a', { spec: { a: null } }, null],
    ['.spec.a', { spec: { a: { b: [1] } } }, '{"b":[1]}'],
    ['.spec.a', { spec: { a: 5 } }, '5'],
    ['.constructor.name', {}, null],
  ] as const)('reads %s', (path, object, expected) => {
    expect(cell(path, object)).toBe(expected)
  })

  it('shows numbers as whole ones, and times as how long ago they were', () => {
    expect(cell('.a', { a: 5.7 }, 'integer')).toBe(5)
    expect(cell('.a', { a: '5' }, 'integer')).toBeNull()
    expect(cell('.a', { a: '2026-11-21T09:59:00.5Z' }, 'date')).toBe('59s')
    expect(cell('.a', { a: 'yesterday' }, 'date')).toBe('<invalid>')
    expect(cell('.a', {}, 'date')).toBe('<unknown>')
  })

  it('refuses a path that printer columns cannot have', () => {
    expect(() => cell('.spec..a', {})).toThrow(TypeError)
  })
})
