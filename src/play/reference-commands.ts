import { knownReport, openGame, type PlayCommand, type Seat } from './command.ts'
import { Mistake } from './mistake.ts'
import { renderMap } from './render-map.ts'
import { renderOtherPlanets, renderOwnPlanets, renderPlanet } from './render-planets.ts'
import { renderMessages, renderRaces } from './render-report.ts'
import { renderDesigns, renderForeignShips, renderGroups } from './render-ships.ts'
import { planetOf, type Report } from './report.ts'
import { wholeNumber } from './words.ts'

/** What can be asked about the reports of the reference engine. */
export const referenceCommands: readonly PlayCommand[] = [
  {
    name: 'map',
    usage: 'map [columns]',
    summary: 'the galaxy, drawn as wide as the terminal',
    run: showMap,
  },
  section('planets', 'all planets', (report) => [renderOwnPlanets(report), renderOtherPlanets(report)]),
  {
    name: 'planet',
    usage: 'planet <number>',
    summary: 'one planet, and how far your groups are from it',
    run: showPlanet,
  },
  section('ships', 'your ships and those of others in sight', (report) => [
    renderGroups(report),
    renderForeignShips(report),
  ]),
  section('designs', 'the types of ships you can build', (report) => [renderDesigns(report)]),
  { name: 'races', usage: 'races', summary: 'the other races, and who plays them', run: showRaces },
  section('messages', 'what others wrote to you', (report) => [renderMessages(report)]),
]

/** One part of the newest report. */
function section(name: string, summary: string, render: (report: Report) => readonly string[]): PlayCommand {
  return {
    name,
    usage: name,
    summary,
    run: async (seat) => printParts(seat, render(await knownReport(openGame(seat)))),
  }
}

function printParts(seat: Seat, parts: readonly string[]): void {
  const shown = parts.filter(Boolean)
  seat.print(shown.length > 0 ? shown.join('\n') : 'There are none.')
}

/** In a pipe the map is as wide as terminals are at first. */
const usualColumns = 80

async function showMap(seat: Seat, { words: [word] }: { words: readonly string[] }): Promise<void> {
  const asked = wholeNumber(word)
  if (word !== undefined && !asked) throw new Mistake('usage: map [columns]')
  const report = await knownReport(openGame(seat))
  seat.print(renderMap(report, { width: asked ?? seat.width() ?? usualColumns }))
}

async function showPlanet(seat: Seat, { words: [word] }: { words: readonly string[] }): Promise<void> {
  const id = wholeNumber(word)
  if (!id) throw new Mistake('usage: planet <number>')
  const report = await knownReport(openGame(seat))
  const planet = planetOf(report, id)
  if (!planet) throw new Mistake(`there is no planet ${id}`)
  seat.print(renderPlanet(report, planet))
}

async function showRaces(seat: Seat): Promise<void> {
  const game = openGame(seat)
  const [report, { players }] = await Promise.all([knownReport(game), game.info()])
  printParts(seat, [renderRaces(report, players)])
}
