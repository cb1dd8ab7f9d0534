import type { Planet, Report } from './report.ts'
import { amount, count } from './text.ts'

/** The symbols of other races, in the order of the report. */
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const symbols = { own: '*', free: 'o', unknown: '.', several: '+', yours: '>', foreign: '!' } as const

/** Characters are about twice as high as they are wide. */
const charactersPerLine = 2
const widest = 160
const highest = 60

type Spot = { column: number; line: number }
type Grid = { rows: string[][]; columns: number; lines: number; scale: (of: { x: number; y: number }) => Spot }

/** The galaxy drawn with characters, into so many columns: planets with their numbers, ships under way, and a legend. */
export function renderMap(report: Report, { width }: { width: number }): string {
  const grid = emptyGrid(report, width)
  const shared = placePlanets(report, grid)
  placeShips(report, grid)
  const left = placeNumbers(report, grid, shared)
  const edge = `+${'-'.repeat(grid.columns)}+`
  const side = amount(report.galaxy.width)
  return `${[
    `Turn ${report.turn}: ${side} by ${side} light years; x grows to the right, y downwards`,
    edge,
    ...grid.rows.map((row) => `|${row.join('')}|`),
    edge,
    ...legend(report, grid),
    ...shared.map(([spot, ids]) => `  ${symbols.several} at ${spot}: planets ${ids.join(', ')}`),
    ...(left.length > 0 ? [`  without a number, for want of room: ${left.join('; ')}`] : []),
  ].join('\n')}\n`
}

function emptyGrid({ galaxy, planets }: Report, width: number): Grid {
  const columns = Math.max(10, Math.min(widest, Math.floor(width) - 2))
  const lines = Math.max(5, Math.min(highest, Math.round(columns / charactersPerLine)))
  const side = Math.max(galaxy.width, ...planets.map(({ x, y }) => Math.max(x, y)), 1)
  const cell = (at: number, cells: number) => Math.max(0, Math.min(cells - 1, Math.floor((at / side) * cells)))
  return {
    rows: Array.from({ length: lines }, () => Array.from({ length: columns }, () => ' ')),
    columns,
    lines,
    scale: ({ x, y }) => ({ column: cell(x, columns), line: cell(y, lines) }),
  }
}

/** @returns the spots with more than one planet, and which */
function placePlanets(report: Report, grid: Grid): [string, number[]][] {
  const spots = Map.groupBy(report.planets, (planet) => keyOf(grid.scale(planet)))
  for (const planets of spots.values()) {
    const [planet] = planets
    if (planet) draw(grid, grid.scale(planet), planets.length > 1 ? symbols.several : symbolOf(report, planet))
  }
  return [...spots.values()].flatMap((planets): [string, number[]][] => {
    const [planet] = planets
    return planets.length > 1 && planet
      ? [[`${amount(planet.x)}, ${amount(planet.y)}`, planets.map(({ id }) => id)]]
      : []
  })
}

/** Ships between planets; those in orbit are in the lists. */
function placeShips({ groups, sightings }: Report, grid: Grid): void {
  for (const { place } of groups) if (place.in === 'flight') drawIfFree(grid, grid.scale(place), symbols.yours)
  for (const sighting of sightings) {
    if (sighting.planet === undefined) drawIfFree(grid, grid.scale(sighting), symbols.foreign)
  }
}

/** Writes each planet's number to the right of it, or to the left. @returns those that neither has room for */
function placeNumbers(report: Report, grid: Grid, shared: readonly [string, number[]][]): string[] {
  const listed = new Set(shared.flatMap(([, ids]) => ids))
  return report.planets.flatMap((planet) => {
    if (listed.has(planet.id)) return []
    const { column, line } = grid.scale(planet)
    const text = String(planet.id)
    for (const start of [column + 1, column - text.length]) {
      if (hasRoom(grid, { line, start, length: text.length })) {
        for (let index = 0; index < text.length; index += 1) {
          draw(grid, { column: start + index, line }, text.charAt(index))
        }
        return []
      }
    }
    return [`${planet.id} at ${amount(planet.x)}, ${amount(planet.y)}`]
  })
}

/** Free, with a blank or the edge beside it: two numbers must not look like one. */
function hasRoom({ rows, columns }: Grid, { line, start, length }: { line: number; start: number; length: number }) {
  if (start < 0 || start + length > columns) return false
  const row = rows[line] ?? []
  const isDigit = (column: number) => /[0-9]/.test(row[column] ?? ' ')
  const free = row.slice(start, start + length).every((character) => character === ' ')
  return free && !isDigit(start - 1) && !isDigit(start + length)
}

function draw({ rows }: Grid, { column, line }: Spot, character: string): void {
  const row = rows[line]
  if (row) row[column] = character
}

function drawIfFree(grid: Grid, spot: Spot, character: string): void {
  if (grid.rows[spot.line]?.[spot.column] === ' ') draw(grid, spot, character)
}

function keyOf({ column, line }: Spot): string {
  return `${column},${line}`
}

function symbolOf(report: Report, { known, owner }: Planet): string {
  if (known === 'own') return symbols.own
  if (known === 'chart') return symbols.unknown
  return owner === null || owner === undefined ? symbols.free : letterOf(report, owner)
}

/** Past the alphabet, races share the last letter; the list of planets tells them apart. */
function letterOf({ races }: Report, raceName: string): string {
  const index = races.findIndex((race) => race.raceName === raceName)
  return letters[Math.min(index < 0 ? letters.length - 1 : index, letters.length - 1)] ?? symbols.unknown
}

function legend(report: Report, { rows }: Grid): string[] {
  const drawn = new Set(rows.flat())
  const races = report.races.map(({ raceName }) => [letterOf(report, raceName), raceName] as const)
  const meanings = [
    [symbols.own, 'yours'],
    [symbols.free, "nobody's"],
    [symbols.unknown, 'not explored'],
    [symbols.several, 'several planets'],
    [symbols.yours, 'your ships under way'],
    [symbols.foreign, 'foreign ships under way'],
  ] as const
  const shown = [...meanings, ...races].filter(([symbol]) => drawn.has(symbol))
  return [
    `  ${shown.map(([symbol, meaning]) => `${symbol} ${meaning}`).join(', ')}; ${count(report.planets.length, 'planet')}`,
  ]
}
