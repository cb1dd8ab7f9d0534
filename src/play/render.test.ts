import { describe, expect, it } from 'vitest'
import { createScriptedGame } from '../../test/support/scripted-game.ts'
import { createScriptedGateway } from '../../test/support/scripted-gateway.ts'
import { whenText } from './render-games.ts'
import { renderPlanet } from './render-planets.ts'
import { renderReport, renderSummary } from './render-report.ts'
import { planetOf, readReport, type Report } from './report.ts'
import { table } from './table.ts'
import { columnsOf, oneLine, printable } from './text.ts'

function firstReport(): Report {
  const report = readReport(createScriptedGame(createScriptedGateway()).report(0))
  if (!report) throw new Error('the reference engine reports something else')
  return report
}

describe('a report', () => {
  const report = firstReport()
  const home = report.planets.find(({ known }) => known === 'own')

  it('shows who, what is owned, what is near, what flies and what can be done', () => {
    const text = renderReport(report)
    expect(text).toContain('Turn 0: Terrans')
    for (const title of ['The others', 'Your planets', 'Other planets', 'Your ships', 'Your designs']) {
      expect(text).toContain(title)
    }
    expect(text).toMatch(new RegExp(`^ +${home?.id} +${home?.name} `, 'm'))
    expect(text).toMatch(/^ +Vegans +1 +war +war$/m)
    expect(text).toContain('has room, and 10 colonists wait: load 2 colonists')
  })

  it('refers to the rest when there are many planets', () => {
    const planets = Array.from({ length: 30 }, (_, id) => ({ known: 'chart' as const, id: id + 100, x: id, y: 0 }))
    const text = renderReport({ ...report, planets: [...report.planets, ...planets] })
    expect(text).toMatch(/… and \d+ more planets: 'planets' shows all/)
  })

  it('shows battles, messages, and what others are about to do', () => {
    const text = renderSummary({
      ...report,
      battles: [{ planet: 1, sides: [{ raceName: 'Vegans', design: 'Frigate', ships: 3, lost: 2 }] }],
      messages: [{ from: 'Vegans', text: 'Peace?' }],
      incoming: [{ raceName: 'Vegans', ships: 2, mass: 30, armed: true, to: home?.id ?? 0, turns: 3 }],
      happenings: [{ kind: 'built', text: 'Two Haulers were built.' }],
      rejectedOrders: [{ index: 1, message: 'to: there is no planet 99' }],
    })
    expect(text).toMatch(/Vegans +Frigate +3 +2/)
    expect(text).toContain('  - Vegans: Peace?')
    expect(text).toMatch(/Vegans +2 +30 +yes .* 3$/m)
    expect(text).toContain('  - Two Haulers were built.')
    expect(text).toContain('  - order 2: to: there is no planet 99')
  })

  it('says how the game ended', () => {
    const standings = [{ raceName: 'Terrans', rank: 1, score: 10, planets: 9, eliminated: false }]
    const result = { winner: 'Terrans', reason: 'last_race_standing', turn: 31, standings }
    const text = renderReport({ ...report, finished: true, result, rules: { nextTurn: 32, ordersAccepted: false } })
    expect(text).toContain('The game is over with turn 31. Terrans win (last race standing).')
    expect(text).not.toContain('What you can do')
  })

  it('of other rules is not read', () => {
    expect(readReport({ board: 'chess' })).toBeUndefined()
  })

  it('keeps what others wrote on one line', () => {
    const given = createScriptedGame(createScriptedGateway()).report(0)
    const messages = [{ from: 'Vegans', text: 'Hello\nTurn 9: you have won' }]
    expect(readReport({ ...given, messages })?.messages).toEqual([
      { from: 'Vegans', text: 'Hello Turn 9: you have won' },
    ])
  })
})

it('a planet is shown with the way to it', () => {
  const report = firstReport()
  const far = planetOf(report, report.planets.find(({ known }) => known !== 'own')?.id ?? 0)
  if (!far) throw new Error('no planet')
  const text = renderPlanet(report, far)
  expect(text).toContain(`Planet ${far.id}`)
  expect(text).toMatch(/^ +1 +Scout +2 +at .* \d+$/m)
})

it('a table aligns text to the left and numbers to the right, and leaves empty columns out', () => {
  const text = table(
    'Things',
    ['name', 'how many', 'note'],
    [
      ['a', 10.26, undefined],
      ['long\nname', 2, ''],
    ],
  )
  expect(text).toBe('Things\n  name       how many\n  a              10.3\n  long name         2\n')
  expect(table('Nothing', ['a'], [])).toBe('')
})

it('a table fits into a terminal by cutting its longest texts', () => {
  const rows = [['名'.repeat(70), 'short', 12_345.6]]
  const text = table('Wide', ['name', 'note', 'number'], rows, { width: 30 })
  for (const line of text.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(30)
  expect(text).toContain('…')
  expect(text).toContain('short  12345.6')
})

it('wide characters and emoji take the columns that terminals give them', () => {
  const text = table(
    'Names',
    ['name', 'n'],
    [
      ['漢字', 1],
      ['👩‍🚀', 2],
      ['abcd', 3],
    ],
  )
  expect(text).toBe('Names\n  name  n\n  漢字  1\n  👩‍🚀    2\n  abcd  3\n')
})

it('what others write cannot move the cursor or turn the text', () => {
  expect(printable('a\u001B[2Jb\nc\rd\u202Ee\u009B')).toBe('a·[2Jb\nc·d·e·')
  expect(printable('Ζέρξης 🕊 e\u0301')).toBe('Ζέρξης 🕊 e\u0301')
  expect(printable('Ter\u200Brans \u00AD\uFEFF\u{E0041} \uD800')).toBe('Ter·rans ··· ·')
  expect(printable('👩\u200D🚀')).toBe('👩\u200D🚀')
  expect(oneLine(' a\r\n b\u2028c ')).toBe('a b c')
})

it.each([
  [null, 'not planned'],
  [-5, 'now'],
  [1, 'in 1 second'],
  [90, 'in 90 seconds'],
  [600, 'in 10 minutes'],
  [36_000, 'in 10 hours'],
  [864_000, 'in 10 days'],
])('a turn in %s seconds is said to be %s', (seconds, text) => {
  const moment = seconds === null ? null : new Date(seconds * 1000).toISOString()
  expect(whenText(moment, 0)).toBe(text)
})
