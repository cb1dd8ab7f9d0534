import type { GameDescription } from '../messages/index.ts'
import { CommandRefused, GatewayRefused, SignedOut } from '../client/index.ts'
import { readReport } from './report.ts'

/** What this program knows of a game: all of the reference engine's, what another engine says of itself, or nothing. */
export type Rules =
  | { kind: 'reference'; description: GameDescription | undefined }
  | { kind: 'described'; description: GameDescription }
  | { kind: 'unknown'; description: undefined }

/** What the reference engine calls its game. */
const referenceName = 'Galaxy 4X'

type Sources = {
  description: () => Promise<GameDescription>
  /** Of the last complete turn. */
  report: () => Promise<unknown>
}

/** @returns undefined while the engine does not answer: it may be asked again */
export async function readRules({ description, report }: Sources): Promise<Rules | undefined> {
  const described = await orRefusal(description)
  const isMissing = 'refused' in described && described.refused === 'description_not_found'
  if ('answer' in described && described.answer.name !== referenceName) {
    return { kind: 'described', description: described.answer }
  }
  const reported = await orRefusal(report)
  if ('refused' in reported) {
    const answers = isMissing && !notAnswering.has(reported.refused)
    return answers ? { kind: 'unknown', description: undefined } : undefined
  }
  const known = 'answer' in described ? described.answer : undefined
  if (readReport(reported.answer)) return { kind: 'reference', description: known }
  if (known) return { kind: 'described', description: known }
  return isMissing ? { kind: 'unknown', description: undefined } : undefined
}

/** Refusals that say nothing about the engine, because it did not answer. */
const notAnswering: ReadonlySet<string> = new Set([
  'engine_not_ready',
  'engine_unavailable',
  'wake_queue_full',
  'backend_unavailable',
  'unreachable',
])

/** @throws SignedOut, and whatever is no refusal */
async function orRefusal<T>(ask: () => Promise<T>): Promise<{ answer: T } | { refused: string }> {
  try {
    return { answer: await ask() }
  } catch (error) {
    if (error instanceof SignedOut) throw error
    if (error instanceof CommandRefused || error instanceof GatewayRefused) return { refused: error.code }
    throw error
  }
}
