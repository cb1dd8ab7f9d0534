import { findCondition } from '../../platform/kubernetes/conditions.ts'
import { askedTurn, type Game } from '../../resources/index.ts'
import type { Draft } from './draft.ts'

type Rest = { reason: string; message: string }

/** Writes why no turns run, and what becomes of a turn that is asked for meanwhile: an event says so, once for each. */
export function tellForcedWaits(game: Game, draft: Draft, { reason, message }: Rest): void {
  const asked = askedBy(game, draft)
  if (asked === undefined) return draft.condition('TurnsActive', false, reason, message)
  const fate = reason === 'Finished' ? 'is not run while the game is finished' : 'runs as soon as turns run again'
  const told = `the turn that ${asked} asks for ${fate}`
  const whole = `${message}; ${told}`
  const before = findCondition(game.status.conditions ?? [], 'TurnsActive')
  if (before?.message !== whole) draft.event('Normal', 'ForcedTurnWaits', whole)
  draft.condition('TurnsActive', false, reason, whole)
}

/** What asks for a turn and has not been acted upon, for people. */
function askedBy(game: Game, draft: Draft): string | undefined {
  const token = game.spec.turns?.forceToken || null
  const { forceToken } = draft.current().turn
  if (token !== null && token !== forceToken) return `forceToken "${token}"`
  const asked = askedTurn({ ...game, status: draft.current() })
  return asked === undefined ? undefined : `the annotation galaxy.dev/force-turn "${asked}"`
}
