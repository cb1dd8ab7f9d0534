import type { Outcome } from './model.ts'
import { busyAfterMs, type MailPolicy, gaveWayRetryMs, retryAfterMs } from './policy.ts'

/** What a claimed delivery becomes. */
export type Settled = {
  status: 'pending' | 'retrying' | 'sent' | 'dead' | 'suppressed'
  failures: number
  stalls: number
  lastError: string | null
  /** Undefined: when it was due before. */
  nextAttemptAt: Date | undefined
  /** Nothing comes after this: what the mail said is no longer needed. */
  final: boolean
}

type Attempted = {
  failures: number
  stalls: number
  /** Times it was claimed. */
  deliveries: number
  outcome: Outcome
  now: Date
  policy: Pick<MailPolicy, 'maxFailures'>
  random: () => number
}

/** Pure: what becomes of a delivery after an attempt. */
export function settle({ failures, stalls: before, deliveries, outcome, now, policy, random }: Attempted): Settled {
  const { verdict, detail, stalled = false, gaveWay = false } = outcome
  const stalls = before + (stalled ? 1 : 0)
  const ended = { failures, stalls, nextAttemptAt: undefined, final: true }
  const after = (ms: number) => new Date(now.getTime() + ms)
  switch (verdict) {
    case 'sent':
      return { ...ended, status: 'sent', lastError: null }
    case 'suppress':
      return { ...ended, status: 'suppressed', lastError: detail }
    case 'dead':
      return { ...ended, status: 'dead', lastError: detail }
    case 'pause':
      return { ...ended, status: waiting(failures), lastError: detail, final: false }
    case 'busy': {
      const nextAttemptAt = after(busyAfterMs(deliveries, random))
      return { ...ended, status: waiting(failures), lastError: detail, nextAttemptAt, final: false }
    }
    case 'retry': {
      const failed = { ...ended, failures: failures + 1, lastError: detail }
      if (failed.failures >= policy.maxFailures) return { ...failed, status: 'dead' }
      const nextAttemptAt = after(gaveWay ? gaveWayRetryMs : retryAfterMs(failed.failures, random))
      return { ...failed, status: 'retrying', nextAttemptAt, final: false }
    }
  }
}

function waiting(failures: number): 'pending' | 'retrying' {
  return failures > 0 ? 'retrying' : 'pending'
}
