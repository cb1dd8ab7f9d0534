import type { EventPayload, EventType } from '../../messages/index.ts'
import { findCondition, isTrue } from '../../platform/kubernetes/conditions.ts'
import type { Game } from '../../resources/index.ts'

/** `waiting`: its turns have never run. */
export type Stage = 'waiting' | 'playing' | 'paused' | 'finished'

/** What the players of a game have been told. */
export type Announced = {
  /** Null before the engine has created the game. */
  turn: number | null
  nextTurnAt: Date | null
  stage: Stage
  /** Due turns given up in a row. */
  failedTurns: number
}

export const nothingAnnounced: Announced = { turn: null, nextTurnAt: null, stage: 'waiting', failedTurns: 0 }

type GameEventType = Extract<EventType, `game.${string}`>
export type Happening = { [Type in GameEventType]: { eventType: Type; payload: EventPayload<Type> } }[GameEventType]

/**
 * Where the game stands, as far as players are told of it. An engine that restarts, or a turn that is being generated,
 * changes the status for a moment only: what cannot be said for sure stays as it was.
 */
export function standingOf(before: Announced, { status }: Game): Announced {
  const { number = 0, nextAt, running, failedTurns = 0 } = status.turn ?? {}
  if (!isTrue(status.conditions ?? [], 'Initialized')) return before
  const active = findCondition(status.conditions ?? [], 'TurnsActive')
  const stage = stageOf(before, status.finishedAt !== undefined, active)
  const isSettled = number !== before.turn || (active?.status === 'True' && typeof running !== 'number')
  const nextTurnAt = isSettled ? momentOf(nextAt) : before.nextTurnAt
  return { turn: number, nextTurnAt, stage, failedTurns }
}

/** What is to be told to the players when a game comes to stand so. Several turns missed are told as the newest one. */
export function happenings(before: Announced, after: Announced, { metadata }: Game): Happening[] {
  const { turn, stage } = after
  if (turn === null) return []
  const game = { game_id: metadata.uid, name: metadata.name }
  const next_turn_at = after.nextTurnAt?.toISOString() ?? null
  const events: Happening[] = []
  const deadlineMoved = after.nextTurnAt?.getTime() !== before.nextTurnAt?.getTime()
  // A turn that goes back (a state restored from a backup) is told, too: orders are for another turn than players think.
  if (turn !== before.turn) {
    events.push({ eventType: 'game.turn.started', payload: { ...game, turn, next_turn_at } })
  } else if (deadlineMoved && stage === 'playing' && before.stage !== 'paused' && before.stage !== 'finished') {
    events.push({ eventType: 'game.turn.deadline_changed', payload: { ...game, turn, next_turn_at } })
  }
  if (after.failedTurns > (turn === before.turn ? before.failedTurns : 0)) {
    events.push({ eventType: 'game.turn.generation_failed', payload: { ...game, turn: turn + 1 } })
  }
  if (stage === before.stage) return events
  if (stage === 'finished') events.push({ eventType: 'game.finished', payload: { ...game, turn } })
  if (stage === 'paused') events.push({ eventType: 'game.paused', payload: game })
  if (stage === 'playing' && before.stage !== 'waiting') events.push({ eventType: 'game.resumed', payload: game })
  return events
}

function stageOf(before: Announced, finished: boolean, active: ReturnType<typeof findCondition>): Stage {
  if (finished) return 'finished'
  if (active?.status === 'True') return 'playing'
  return active && pausing.has(active.reason) ? 'paused' : before.stage
}

/** Why turns rest until somebody does something about it; other reasons pass by themselves. */
const pausing = new Set(['Paused', 'Stopped', 'TurnFailures', 'StateLost'])

function momentOf(text: string | null | undefined): Date | null {
  return typeof text === 'string' ? new Date(text) : null
}
