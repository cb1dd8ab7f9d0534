import { type GalaxyClient, SignedOut } from '../client/index.ts'
import type { Seat } from './command.ts'
import { completions, findCommand } from './commands.ts'
import type { Drafts } from './drafts.ts'
import { explainError } from './explain-error.ts'
import { openNamed } from './game-commands.ts'
import { tellUnsent } from './leave.ts'
import { followEvents } from './live.ts'
import { Mistake } from './mistake.ts'
import { readLine } from './words.ts'
import type { Terminal } from './terminal.ts'

/** How a visit ended: whether anything failed, and whether this device is signed out now. */
export type Visit = { failed: boolean; signedOut: boolean }

type Outcome = 'done' | 'quit' | 'failed'

/** Reads and carries out what is typed, with what is pushed in between, until the player leaves. */
export async function playGames(
  client: GalaxyClient,
  { terminal, game, drafts }: { terminal: Terminal; game: string | undefined; drafts?: Drafts | undefined },
): Promise<Visit> {
  const seat = sitDown(client, terminal, drafts)
  terminal.completeWith((line) => completions(line, seat.open?.knownRules()))
  const over = new AbortController()
  const outcomes: Outcome[] = [await attempt(terminal, () => arrive(seat, game))]
  let cutOff: { error: unknown } | undefined
  const events = followEvents(seat, over.signal).catch((error: unknown) => {
    cutOff = { error }
    terminal.close()
  })
  while (outcomes.at(-1) !== 'quit') {
    const line = await terminal.readCommand(seat.open ? `${seat.open.name}> ` : '> ')
    if (line === undefined || cutOff || client.session() === undefined) break
    outcomes.push(await attempt(terminal, () => terminal.interruptible((signal) => carryOut(seat, line, signal))))
  }
  // Ctrl-D, Ctrl-C, the end of a pipe or of the session: nobody was asked.
  if (outcomes.at(-1) !== 'quit') tellUnsent(seat)
  over.abort()
  await events
  if (cutOff) tellOf(terminal, cutOff.error)
  return { failed: outcomes.includes('failed') || cutOff !== undefined, signedOut: client.session() === undefined }
}

function sitDown(client: GalaxyClient, terminal: Terminal, drafts: Drafts | undefined): Seat {
  return {
    client,
    drafts,
    print: terminal.print,
    // In a pipe the next line is a command, and no answer.
    ask: async (question) => (terminal.interactive ? terminal.ask(question) : undefined),
    width: terminal.width,
    games: [],
    open: undefined,
    opened: new Map(),
  }
}

async function attempt(terminal: Terminal, work: () => Promise<'quit' | void>): Promise<Outcome> {
  try {
    return (await work()) ?? 'done'
  } catch (error) {
    tellOf(terminal, error)
    // Nothing more can be done without a session.
    if (error instanceof SignedOut) terminal.close()
    return 'failed'
  }
}

/** @throws the error itself when it is none that a player can be told of */
function tellOf(terminal: Terminal, error: unknown): void {
  const told = explainError(error)
  if (told === undefined) throw error
  terminal.print(told)
}

async function arrive(seat: Seat, game: string | undefined): Promise<void> {
  if (game !== undefined) return openNamed(seat, game)
  const games = findCommand('games', undefined)
  await games?.run(seat, { name: 'games', words: [], rest: '' }, new AbortController().signal)
  const [only, ...others] = seat.games
  if (only && others.length === 0) await openNamed(seat, only.id)
}

async function carryOut(seat: Seat, line: string, signal: AbortSignal): Promise<'quit' | void> {
  const typed = readLine(line)
  if (!typed) return undefined
  if ('problem' in typed) throw new Mistake(typed.problem)
  const known = findCommand(typed.name, seat.open?.knownRules())
  const command = known ?? findCommand(typed.name, await seat.open?.rules())
  if (!command) throw new Mistake(`there is no command '${typed.name}': 'help' shows what there is`)
  return Promise.race([command.run(seat, typed, signal), interruption(signal)])
}

/** Ctrl-C gives the prompt back; what was asked for may still happen. */
function interruption(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => reject(new Mistake('not waited for')), { once: true })
  return promise
}
