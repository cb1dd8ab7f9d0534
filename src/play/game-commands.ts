import { knownReport, openGame, type PlayCommand, type Seat } from './command.ts'
import { explainError, Mistake } from './explain-error.ts'
import { tellTurn } from './news.ts'
import { createOpenGame } from './open-game.ts'
import { renderGames, renderInfo, whenText } from './render-games.ts'
import { renderOtherPlanets, renderOwnPlanets, renderPlanet } from './render-planets.ts'
import { renderMessages, renderRaces, renderReport } from './render-report.ts'
import { renderDesigns, renderForeignShips, renderGroups } from './render-ships.ts'
import { type Report, planetOf, readReport } from './report.ts'
import { renderNoGames } from './sample-game.ts'
import { wholeNumber } from './words.ts'

export const gameCommands: readonly PlayCommand[] = [
  { name: 'games', usage: 'games', summary: 'the games you play in', run: listGames },
  {
    name: 'open',
    usage: 'open <name | number>',
    summary: 'go to one of your games',
    run: (seat, { rest }) => openNamed(seat, rest),
  },
  {
    name: 'info',
    usage: 'info',
    summary: 'where the open game stands',
    run: async (seat) => {
      const info = await openGame(seat).info()
      seat.print(renderInfo(info, seat.client.nowMs()))
      await tellTurn(seat, { turn: info.turn, finished: info.result !== null })
    },
  },
  { name: 'report', usage: 'report [turn]', summary: 'all that your race knows', run: showReport },
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
  section('races', 'the other races', (report) => [renderRaces(report)]),
  section('messages', 'what others wrote to you', (report) => [renderMessages(report)]),
  {
    name: 'watch',
    usage: 'watch [seconds]',
    summary: 'wait for the next turn, or for so long (Ctrl-C: no longer)',
    run: watch,
  },
]

/** One part of the newest report. */
function section(name: string, summary: string, render: (report: Report) => readonly string[]): PlayCommand {
  return {
    name,
    usage: name,
    summary,
    run: async (seat) => {
      const parts = render(await knownReport(openGame(seat))).filter(Boolean)
      seat.print(parts.length > 0 ? parts.join('\n') : 'There are none.')
    },
  }
}

async function listGames(seat: Seat): Promise<void> {
  seat.games = await seat.client.games.list()
  if (seat.games.length === 0) return seat.print(renderNoGames(await seat.client.account()))
  seat.print(renderGames(seat.games, seat.client.nowMs()))
}

/** Opens a game by its name, its id or its number in the list. */
export async function openNamed(seat: Seat, named: string): Promise<void> {
  if (named === '') throw new Mistake('usage: open <name | number>')
  if (seat.games.length === 0) seat.games = await seat.client.games.list()
  const number = wholeNumber(named)
  const found = seat.games.find(({ name, id }) => name === named || id === named) ?? (number && seat.games[number - 1])
  const info = await seat.client.games.info(found ? found.id : named)
  const game = createOpenGame(seat.client, info)
  seat.open = game
  const race = info.players.find(({ you }) => you)?.race_name ?? info.race_name
  const next = whenText(info.next_turn_at, seat.client.nowMs())
  seat.print(`${info.display_name}: you play ${race}. Turn ${info.turn} is complete; the next: ${next}.`)
  await game.readOrders().catch((error: unknown) => {
    // A game whose engine sleeps can be opened all the same.
    const told = explainError(error)
    if (told === undefined) throw error
    seat.print(told)
  })
  if (game.draft().length > 0) seat.print(`Orders stored for turn ${game.nextTurn()}: ${game.draft().length}.`)
}

async function showReport(seat: Seat, { words: [turn, ...more] }: { words: readonly string[] }): Promise<void> {
  const game = openGame(seat)
  const number = turn === '0' ? 0 : wholeNumber(turn)
  if (more.length > 0 || (turn !== undefined && number === undefined)) throw new Mistake('usage: report [turn]')
  const report = await game.report(number ?? game.turn())
  if (number === undefined) game.looked()
  const known = readReport(report)
  seat.print(known ? renderReport(known) : JSON.stringify(report, null, 2))
}

async function showPlanet(seat: Seat, { words: [word] }: { words: readonly string[] }): Promise<void> {
  const id = wholeNumber(word)
  if (!id) throw new Mistake('usage: planet <number>')
  const report = await knownReport(openGame(seat))
  const planet = planetOf(report, id)
  if (!planet) throw new Mistake(`there is no planet ${id}`)
  seat.print(renderPlanet(report, planet))
}

/** What the new turn brought is printed by whoever hears of it first. */
async function watch(seat: Seat, { words: [word] }: { words: readonly string[] }, signal: AbortSignal): Promise<void> {
  const game = openGame(seat)
  const seconds = wholeNumber(word)
  if (word !== undefined && !seconds) throw new Mistake('usage: watch [seconds]')
  if (game.finished()) return seat.print('The game is over.')
  const patience = seconds ? AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]) : signal
  if (!(await game.newTurn(patience))) throw new Mistake(`turn ${game.nextTurn()} is not complete yet`)
  game.looked()
  seat.print(`Turn ${game.turn()} is complete.`)
}
