import { messageOf } from '../../platform/errors.ts'
import { findCondition } from '../../platform/kubernetes/conditions.ts'
import { keyText, type ObjectKey } from '../../platform/kubernetes/objects.ts'
import { type Game, type GameStatus, reconcileAnnotation } from '../../resources/index.ts'
import { HostError } from '../hosts/index.ts'
import type { Plan } from './action.ts'
import { createDraft } from './draft.ts'

/** A host that is away for a moment is nothing that people need to hear of, nor of each of their games. */
const lastingMs = 30_000
const reason = 'HostUnavailable'

export type TroublePorts = {
  games: { get: (key: ObjectKey) => Promise<Game | undefined> }
  write: (game: Game, told: Pick<Plan, 'status' | 'events'>) => Promise<unknown>
  now: () => Date
  /** How long it has lasted is measured by this, which nobody can set. */
  elapsedMs?: () => number
}

/**
 * What the host does not do is no failure of the game's: the pass is tried again. Where that lasts, the game says why
 * nothing happens to it, be it that it does not start or that it does not go.
 */
export function createTroubles({ games, write, now, elapsedMs = () => performance.now() }: TroublePorts) {
  const since = new Map<string, number>()

  return { over: (key: ObjectKey) => void since.delete(keyText(key)), noted }

  /** Notes a pass that failed. Throws nothing: the pass has a failure of its own to throw. */
  async function noted(key: ObjectKey, error: unknown): Promise<void> {
    if (!(error instanceof HostError) || error.failure !== reason) return
    const beganMs = since.get(keyText(key)) ?? elapsedMs()
    since.set(keyText(key), beganMs)
    if (elapsedMs() - beganMs >= lastingMs) await told(key, messageOf(error)).catch(() => undefined)
  }

  async function told(key: ObjectKey, message: string): Promise<void> {
    const game = await games.get(key)
    if (!game || game.metadata.annotations[reconcileAnnotation] === 'disabled') return
    const draft = createDraft(game, now())
    if (!tells(game.status)) draft.event('Warning', reason, message)
    draft.condition('Degraded', true, reason, message)
    await write(game, draft.plan([], undefined))
  }
}

/** Once nothing is left to be done, the host has done what the game needed. */
export function withoutTrouble(game: Game, planned: Plan, now: Date): Plan {
  if (planned.actions.length > 0 || !tells(planned.status)) return planned
  const draft = createDraft({ ...game, status: planned.status }, now)
  draft.condition('Degraded', false, 'AsExpected', 'nothing is wrong')
  return { ...planned, status: draft.plan([], undefined).status }
}

function tells({ conditions = [] }: GameStatus): boolean {
  const degraded = findCondition(conditions, 'Degraded')
  return degraded?.status === 'True' && degraded.reason === reason
}
