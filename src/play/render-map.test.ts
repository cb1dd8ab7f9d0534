import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createScriptedGame } from '../../test/support/scripted-game.ts'
import { createScriptedGateway } from '../../test/support/scripted-gateway.ts'
import { renderMap } from './render-map.ts'
import { readReport, type Report } from './report.ts'

function aReport(change: Partial<Report> = {}): Report {
  const report = readReport(createScriptedGame(createScriptedGateway()).report(0))
  if (!report) throw new Error('the reference engine reports something else')
  return { ...report, ...change }
}

const planet = (id: number, x: number, y: number, more: object = {}) => ({ id, x, y, known: 'chart' as const, ...more })
const rowsOf = (map: string) => map.split('\n').filter((line) => line.startsWith('|'))

describe('a map', () => {
  it('shows planets by owner with their numbers, ships under way, and what the signs mean', () => {
    const report = aReport({
      galaxy: { width: 100, planets: 5, victoryShare: 0.6 },
      planets: [
        planet(1, 0, 0, { known: 'own', owner: 'Terrans' }),
        planet(2, 99, 0, { known: 'sight', owner: 'Vegans' }),
        planet(3, 50, 50, { known: 'orbit', owner: null }),
        planet(4, 0, 99),
      ],
      groups: aReport()
        .groups.slice(0, 1)
        .map((group) => ({ ...group, place: { in: 'flight', from: 1, to: 3, x: 25, y: 25 } })),
      sightings: [{ raceName: 'Vegans', ships: 1, mass: 1, armed: true, x: 75, y: 75 }],
    })
    const map = renderMap(report, { width: 42 })
    const rows = rowsOf(map)
    expect(rows).toHaveLength(20)
    expect(rows[0]).toBe(`|*1${' '.repeat(36)}2A|`)
    expect(rows[5]).toMatch(/^\| {10}> /)
    expect(rows[10]).toMatch(/^\| {20}o3 /)
    expect(rows[15]).toMatch(/^\| {30}! /)
    expect(rows[19]).toMatch(/^\|\.4 /)
    expect(map).toContain(
      "* yours, o nobody's, . not explored, > your ships under way, ! foreign ships under way, A Vegans; 4 planets",
    )
  })

  it('lists planets that share a spot, and those that there is no room to number', () => {
    const planets = [
      planet(1, 10, 10),
      planet(2, 10.1, 10.1),
      planet(777, 50, 50),
      planet(888, 54, 50),
      planet(999, 58, 50),
    ]
    const map = renderMap(aReport({ galaxy: { width: 100, planets: 5, victoryShare: 0.6 }, planets }), { width: 27 })
    expect(map).toContain('+ at 10, 10: planets 1, 2')
    for (const id of [777, 888, 999]) expect(map).toContain(String(id))
  })

  it('fits into the terminal, whatever the galaxy is, and loses no planet', () => {
    const anywhere = fc.double({ min: -10, max: 1e6, noNaN: true })
    const planets = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 9999 }), anywhere, anywhere), {
      selector: ([id]) => id,
      maxLength: 60,
    })
    fc.assert(
      fc.property(
        planets,
        fc.integer({ min: 1, max: 300 }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (all, width, side) => {
          const report = aReport({
            galaxy: { width: side, planets: all.length, victoryShare: 0.6 },
            planets: all.map(([id, x, y]) => planet(id, x, y)),
          })
          const map = renderMap(report, { width })
          for (const row of rowsOf(map)) expect(row.length).toBeLessThanOrEqual(Math.max(12, Math.min(162, width)))
          for (const [id] of all) expect(map).toMatch(new RegExp(`(?<![0-9])${id}(?![0-9])`))
        },
      ),
    )
  })
})
