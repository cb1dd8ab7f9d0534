import type { Seat } from './command.ts'
import { renderSummary } from './render-report.ts'
import { readReport } from './report.ts'

/** Asks where the open game stands, and tells when it has gone on. */
export async function lookAgain(seat: Seat): Promise<void> {
  const info = await seat.open?.info()
  if (info) await tellTurn(seat, { turn: info.turn, finished: info.result !== null })
}

/** Tells of a turn of the open game once, however often it is heard of. */
export async function tellTurn(
  { open: game, print }: Seat,
  news: { turn: number; finished: boolean },
  text = `${game?.name}: turn ${news.turn} is complete.`,
): Promise<void> {
  if (!game?.learn(news)) return
  print(text)
  // Whoever is told may ask for the report; that it cannot be shown now is said then.
  const report = readReport(await game.report(news.turn).catch(() => undefined))
  if (report) print(renderSummary(report))
  else if (game.knownRules() && game.knownRules()?.kind !== 'reference') print("'report' shows what it brought.")
  await game.readOrders().catch(() => undefined)
  if (game.isChanged()) print(`Your draft was not sent in time; it is now for turn ${game.nextTurn()}.`)
  game.tell()
}
