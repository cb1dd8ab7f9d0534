import type { Game } from '../../resources/index.ts'
import type { Draft } from './draft.ts'
import type { Policy } from './policy.ts'
import { isRun, nextRun } from './schedule.ts'

export type Turns = NonNullable<Game['spec']['turns']>

/**
 * Returns the scheduled moment whose turn is to be run now. What is to be skipped is passed over. Until `planNextTurn` the
 * status still names the moment.
 */
export function takeDueTurn(turns: Turns | undefined, policy: Policy, draft: Draft): Date | undefined {
  passSkipped(turns, draft)
  const due = dueOf(turns, draft.current().turn.nextAt, draft.now)
  if (!due || !turns) return undefined
  const isLate = draft.now.getTime() - due.getTime() > policy.missedAfterMs
  if (!isLate || turns.catchUp !== 'Skip') return due
  tellSkipped(turns, draft, due, 'it was missed, and catchUp is Skip')
  return undefined
}

/** A forced turn stands in for the scheduled one after it: for the one that is due at the same moment, if there is one. */
export function skipForForced(turns: Turns | undefined, draft: Draft): void {
  if (turns?.schedule === undefined) return
  passSkipped(turns, draft)
  const { skipNext, nextAt } = draft.current().turn
  const due = skipNext ? undefined : dueOf(turns, nextAt, draft.now)
  if (due) tellSkipped(turns, draft, due, forced)
  else draft.turn({ skipNext: true })
}

/** The scheduled turn to be skipped has come: from now on none is. Needs no engine. */
export function passSkipped(turns: Turns | undefined, draft: Draft): void {
  const { skipNext, skipAt, nextAt } = draft.current().turn
  if (!skipNext) return
  // What was written before there was `skipAt` names the one to be skipped as the next.
  const skipped = dueOf(turns, skipAt ?? nextAt, draft.now)
  if (!skipped || !turns) return
  draft.turn({ skipNext: false, skipAt: undefined, ...(skipAt ? {} : { nextAt: undefined }) })
  tellSkipped(turns, draft, skipped, forced)
}

/** Writes when the next turn will really run, by the clock as it is now: none is told that will not. */
export function planNextTurn(turns: Turns | undefined, draft: Draft): void {
  const { number, running, skipNext } = draft.current().turn
  const tick = after(turns, draft.now)
  if (!tick) return draft.turn({ nextAt: undefined, skipAt: undefined, skipNext: false })
  const next = skipNext ? after(turns, tick) : tick
  const isLast = turns?.maxTurns !== undefined && (running ?? number) >= turns.maxTurns
  draft.turn({
    nextAt: isLast ? undefined : next?.toISOString(),
    skipAt: skipNext ? tick.toISOString() : undefined,
  })
}

const forced = 'a turn was forced before it'

function tellSkipped(turns: Turns, draft: Draft, at: Date, why: string): void {
  const next = after(turns, draft.now)
  const goesOn = next ? `; the next turn is at ${next.toISOString()}` : ''
  draft.event('Normal', 'TurnSkipped', `the turn due at ${at.toISOString()} is skipped: ${why}${goesOn}`)
}

/** A moment that has come; undefined for one that was computed from another schedule. */
function dueOf(turns: Turns | undefined, moment: string | null | undefined, now: Date): Date | undefined {
  if (turns?.schedule === undefined || typeof moment !== 'string') return undefined
  const at = new Date(moment)
  return at <= now && isRun(turns.schedule, turns.timeZone, at) ? at : undefined
}

function after(turns: Turns | undefined, moment: Date): Date | undefined {
  return turns?.schedule === undefined ? undefined : nextRun(turns.schedule, turns.timeZone, moment)
}
