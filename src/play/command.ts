import type { GalaxyClient } from '../client/index.ts'
import type { GameSummary } from '../messages/index.ts'
import type { Drafts } from './drafts.ts'
import type { OpenGame } from './open-game.ts'
import { Mistake } from './mistake.ts'
import { type Report, readReport } from './report.ts'
import type { TypedLine } from './words.ts'

/** Where a player sits: what the commands work on. */
export type Seat = {
  client: GalaxyClient
  print: (text: string) => void
  /** The answer to a question; undefined where nobody can be asked. */
  ask: (question: string) => Promise<string | undefined>
  /** Columns of the terminal; undefined in a pipe. */
  width: () => number | undefined
  /** Where drafts are kept between visits; undefined: nowhere. */
  drafts: Drafts | undefined
  /** As they were last listed, so that `open 2` means what was read. */
  games: readonly GameSummary[]
  open: OpenGame | undefined
  /** All that were opened in this visit, by id. */
  opened: Map<string, OpenGame>
}

export type PlayCommand = {
  name: string
  usage: string
  summary: string
  /** @returns 'quit' when there is nothing more to do; the signal fires when the player loses patience */
  run: (seat: Seat, line: TypedLine, signal: AbortSignal) => Promise<'quit' | void>
}

/** @throws Mistake when no game is open */
export function openGame({ open }: Seat): OpenGame {
  if (!open) throw new Mistake("no game is open: 'games' lists yours, 'open 1' opens the first")
  return open
}

/**
 * The report of a turn of the open game.
 * @throws Mistake when the game has rules that this program does not know
 */
export async function knownReport(game: OpenGame, turn = game.turn()): Promise<Report> {
  const report = readReport(await game.report(turn))
  if (!report) throw new Mistake("this game has rules of its own: 'report' shows what its engine tells")
  return report
}

/** For tables and trees: no wider than the terminal, and in a pipe as wide as they are. */
export function widthOf({ width }: Seat): { width?: number } {
  const columns = width()
  return columns === undefined ? {} : { width: columns }
}
