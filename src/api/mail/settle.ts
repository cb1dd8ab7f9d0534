import type { Outcome } from './model.ts'
import { type MailPolicy, retryAfterMs } from './policy.ts'

/** What a claimed delivery becomes. */
export type Settled = {
  status: 'pending' | 'retrying' | 'sent' | 'dead' | 'suppressed'
  failures: number
  lastError: string | null
  /** Undefined: when it was due before. */
  nextAttemptAt: Date | undefined
  /** Nothing comes after this: what the mail said is no longer needed. */
  final: boolean
}

type Attempted = {
  failures: number
  outcome: Outcome
  now: Date
  policy: Pick<MailPolicy, 'maxFailures'>
  random: () => number
}

/** Pure: what becomes of a delivery after an attempt. */
export function settle({ failures, outcome: { verdict, detail }, now, policy, random }: Attempted): Settled {
  const ended = { failures, nextAttemptAt: undefined, final: true }
  switch (verdict) {
    case 'sent':
      return { ...ended, status: 'sent', lastError: null }
    case 'suppress':
      return { ...ended, status: 'suppressed', lastError: detail }
    case 'dead':
      return { ...ended, status: 'dead', lastError: detail }
    case 'pause':
      return { ...ended, status: failures > 0 ? 'retrying' : 'pending', lastError: detail, final: false }
    case 'retry': {
      const failed = { ...ended, failures: failures + 1, lastError: detail }
      if (failed.failures >= policy.maxFailures) return { ...failed, status: 'dead' }
      const nextAttemptAt = new Date(now.getTime() + retryAfterMs(failed.failures, random))
      return { ...failed, status: 'retrying', nextAttemptAt, final: false }
    }
  }
}
