import type { DatabasePool } from 'slonik'
import type { Clock } from '../../platform/clock.ts'
import type { MailPolicy } from './policy.ts'
import { deleteDecoys, deleteFinal } from './store.ts'

export type PruneDeps = { db: DatabasePool; clock: Clock; policy: MailPolicy }

/** Forgets old mail in batches that hold nobody up: to be called again and again, it does something when it is due. */
export function createPrune({ db, clock, policy }: PruneDeps) {
  const { keepFinalMs, keepDecoysMs, pruneEveryMs, prunedAtOnce } = policy
  let dueAtMs = 0

  return async function prune(): Promise<void> {
    const nowMs = clock.now().getTime()
    if (nowMs < dueAtMs) return
    const forgotten = [
      await deleteFinal(db, new Date(nowMs - keepFinalMs), prunedAtOnce),
      await deleteDecoys(db, new Date(nowMs - keepDecoysMs), prunedAtOnce),
    ]
    if (forgotten.every((count) => count < prunedAtOnce)) dueAtMs = nowMs + pruneEveryMs
  }
}
