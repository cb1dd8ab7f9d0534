import { isTrue } from '../../platform/kubernetes/conditions.ts'
import { keyText, type ObjectKey } from '../../platform/kubernetes/objects.ts'
import { askedTurn, type Game, isHibernated } from '../../resources/index.ts'
import type { Reconcile } from '../operator/index.ts'
import type { Policy } from './policy.ts'

export type TurnGateOptions = {
  games: { get: (key: ObjectKey) => Game | undefined }
  /** Passes over games with a due turn that run at once. */
  slots: number
  enqueue: (key: ObjectKey) => void
  policy: Pick<Policy, 'wakeLeadMs'>
  now: () => Date
}

/**
 * Keeps turns from taking all workers when those of thousands of games are due in the same second. A pass over such a
 * game needs one of `slots`; without one it ends at once, and its key comes back in its turn when a slot is free. So all
 * others find a worker, and due turns are run in the order in which they were found.
 */
export function createTurnGate({ games, slots, enqueue, policy, now }: TurnGateOptions) {
  const inside = new Set<string>()
  const waiting = new Map<string, ObjectKey>()
  return { through, reset }

  /** Before the queue begins afresh, while no pass runs: a slot that was held for a key of the old one stays taken else. */
  function reset(): void {
    inside.clear()
    waiting.clear()
  }

  function through(reconcile: Reconcile): Reconcile {
    return async (key, signal) => {
      const game = games.get(key)
      if (!game || !isTurnDue(game, policy, now())) {
        leave(key)
        return reconcile(key, signal)
      }
      if (!enter(key)) return {}
      try {
        return await reconcile(key, signal)
      } finally {
        leave(key)
      }
    }
  }

  function enter(key: ObjectKey): boolean {
    const text = keyText(key)
    if (inside.has(text)) return true
    if (inside.size < slots) {
      waiting.delete(text)
      inside.add(text)
      return true
    }
    waiting.set(text, key)
    return false
  }

  /** The slot stays with the one that is let in until its key comes through the queue: each is in the queue by then. */
  function leave(key: ObjectKey): void {
    const text = keyText(key)
    waiting.delete(text)
    if (!inside.delete(text)) return
    const [next] = waiting
    if (!next) return
    waiting.delete(next[0])
    inside.add(next[0])
    enqueue(next[1])
  }
}

/** Whether a pass over the game will run a turn, or wake its engine for one. */
function isTurnDue(game: Game, { wakeLeadMs }: Pick<Policy, 'wakeLeadMs'>, now: Date): boolean {
  const { metadata, spec, status } = game
  const { running, nextAt, forceToken } = status.turn ?? {}
  if (metadata.deletionTimestamp !== undefined || spec.runState !== 'Running') return false
  const asleep = isHibernated(game)
  // An engine that is not well holds no slot while it is being repaired, which may take long.
  if (!asleep && !isTrue(status.conditions ?? [], 'EngineReady')) return false
  if (typeof running === 'number') return true
  if (nextAt && Date.parse(nextAt) - (asleep ? wakeLeadMs : 0) <= now.getTime()) return true
  // No token yet is written as null.
  const isForced = (spec.turns?.forceToken || null) !== (forceToken ?? null) || askedTurn(game) !== undefined
  return isForced && isTrue(status.conditions ?? [], 'TurnsActive')
}
