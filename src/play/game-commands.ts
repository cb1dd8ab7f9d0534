import { openGame, type PlayCommand, type Seat, widthOf } from './command.ts'
import { explainError } from './explain-error.ts'
import { Mistake } from './mistake.ts'
import { resolveName } from './names.ts'
import { tellTurn } from './news.ts'
import { createOpenGame, type OpenGame } from './open-game.ts'
import { renderGames, renderInfo, whenText } from './render-games.ts'
import { renderPlayers } from './render-players.ts'
import { renderReport } from './render-report.ts'
import { renderTree } from './render-tree.ts'
import { readReport } from './report.ts'
import { renderNoGames } from './sample-game.ts'
import { count } from './text.ts'
import { wholeNumber } from './words.ts'

/** What can be asked about games of whatever rules. */
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
      seat.print(`${renderInfo(info, seat.client.nowMs())}\n${await playersOf(seat, info.players)}`)
      await tellTurn(seat, { turn: info.turn, finished: info.result !== null })
    },
  },
  {
    name: 'players',
    usage: 'players',
    summary: 'who plays, how they stand, and whose orders are in',
    run: async (seat) => seat.print(await playersOf(seat, (await openGame(seat).info()).players)),
  },
  { name: 'report', usage: 'report [turn]', summary: 'all that your race knows', run: showReport },
  {
    name: 'watch',
    usage: 'watch [seconds]',
    summary: 'wait for the next turn, or for so long (Ctrl-C: no longer)',
    run: watch,
  },
]

async function playersOf(seat: Seat, players: Parameters<typeof renderPlayers>[0]): Promise<string> {
  const rules = await openGame(seat).rules()
  return renderPlayers(players, rules?.description?.stats ?? [], widthOf(seat))
}

async function listGames(seat: Seat): Promise<void> {
  seat.games = await seat.client.games.list()
  if (seat.games.length === 0) return seat.print(renderNoGames(await seat.client.account()))
  seat.print(renderGames(seat.games, seat.client.nowMs(), widthOf(seat)))
}

/** Opens a game by its name, its id or its number in the list. */
export async function openNamed(seat: Seat, named: string): Promise<void> {
  if (named === '') throw new Mistake('usage: open <name | number>')
  if (seat.games.length === 0) seat.games = await seat.client.games.list()
  const info = await seat.client.games.info(gameNamed(seat, named))
  const before = seat.open
  const game = createOpenGame(seat.client, info, seat.drafts?.of(info.id))
  seat.open = game
  const race = info.players.find(({ you }) => you)?.race_name ?? info.race_name
  const next = whenText(info.next_turn_at, seat.client.nowMs())
  if (before?.isChanged()) seat.print(`${before.name}: your draft is not sent; it waits for you there.`)
  seat.print(`${info.display_name}: you play ${race}. Turn ${info.turn} is complete; the next: ${next}.`)
  await game.readOrders().catch((error: unknown) => {
    // A game whose engine sleeps can be opened all the same.
    const told = explainError(error)
    if (told === undefined) throw error
    seat.print(told)
  })
  takeUpDraft(seat, game, seat.opened.get(game.id) ?? before)
  seat.opened.set(game.id, game)
  await game.rules()
}

/** A draft of an earlier visit, or of this one, before another game was opened. */
function takeUpDraft(seat: Seat, game: OpenGame, before: OpenGame | undefined): void {
  const kept = game.restore()
  if (kept) {
    const past = kept.turn < game.nextTurn() ? ` It was for turn ${kept.turn}, which is over.` : ''
    const orders = count(kept.orders.length, 'order')
    seat.print(`Your draft of ${orders} is here again, not sent: 'orders' shows it, 'clear' drops it.${past}`)
    return
  }
  // Where nothing is kept on the disk.
  if (before?.id === game.id && before.isChanged() && !before.isKept() && !game.finished()) game.edit(before.draft())
  if (game.draft().length > 0) seat.print(`Orders stored for turn ${game.nextTurn()}: ${game.draft().length}.`)
}

/** The id that is meant; anything unknown is left to the platform, which knows more names than the list. */
function gameNamed({ games }: Seat, named: string): string {
  const number = wholeNumber(named)
  const exact = games.find(({ name, id }) => name === named || id === named) ?? (number && games[number - 1])
  if (exact) return exact.id
  const names = games.flatMap(({ name, display_name }) => [name, display_name])
  try {
    const resolved = resolveName(named, [...new Set(names)], 'game')
    return games.find(({ name, display_name }) => name === resolved || display_name === resolved)?.id ?? named
  } catch {
    return named
  }
}

async function showReport(seat: Seat, { words: [turn, ...more] }: { words: readonly string[] }): Promise<void> {
  const game = openGame(seat)
  const number = turn === '0' ? 0 : wholeNumber(turn)
  if (more.length > 0 || (turn !== undefined && number === undefined)) throw new Mistake('usage: report [turn]')
  const report = await game.report(number ?? game.turn())
  if (number === undefined) game.looked()
  const rules = await game.rules()
  const known = rules?.kind === 'reference' ? readReport(report) : undefined
  seat.print(known ? renderReport(known) : renderTree(report, widthOf(seat)))
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
