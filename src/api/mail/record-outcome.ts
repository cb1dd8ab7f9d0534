import type { DatabasePool } from 'slonik'
import { backoffMs } from '../../platform/backoff.ts'
import { type Clock, sleep } from '../../platform/clock.ts'
import { databaseErrorCode, databaseFailure } from '../../platform/database-errors.ts'
import type { Log } from '../../platform/log.ts'
import type { Claimed, Outcome } from './model.ts'
import type { MailPolicy } from './policy.ts'
import { type Settled, settle } from './settle.ts'
import * as store from './store.ts'

export type RecordOutcomeDeps = {
  db: DatabasePool
  policy: Pick<MailPolicy, 'maxFailures' | 'pollMs'>
  clock: Clock
  log: Log
  random: () => number
}

/** What was written: `lease_lost` when the delivery is somebody else's by now, `unrecorded` when nothing could be. */
export type Recorded = Settled['status'] | 'paused' | 'lease_lost' | 'unrecorded'

/**
 * Writes how an attempt ended. A database that is away for a moment must not make the next worker send the mail again, so
 * that is waited for. What the database refuses is written without what the server said, and if that is refused, too,
 * the caller is told: nothing is tried again that cannot succeed.
 */
export function createRecordOutcome({ db, policy, clock, log, random }: RecordOutcomeDeps) {
  return async function recordOutcome(claimed: Claimed, outcome: Outcome, signal: AbortSignal): Promise<Recorded> {
    try {
      return await whenReachable(claimed, signal, () => write(claimed, outcome))
    } catch (error) {
      if (databaseFailure(error) === 'transient') throw error
      const state = databaseErrorCode(error)
      log.error({ delivery: claimed.id, state }, `the database refuses the outcome of a mail (${state})`)
      return writeBare(claimed, { ...outcome, detail: `the outcome could not be written (${state})` }, signal)
    }
  }

  async function writeBare(claimed: Claimed, outcome: Outcome, signal: AbortSignal): Promise<Recorded> {
    try {
      return await whenReachable(claimed, signal, () => writeStatus(claimed, outcome))
    } catch (error) {
      if (databaseFailure(error) === 'transient') throw error
      return 'unrecorded'
    }
  }

  /** Repeats the write while the database is away, until the signal fires. */
  async function whenReachable<T>({ id }: Claimed, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const pauses = { baseMs: policy.pollMs, maxMs: 10 * policy.pollMs, random }
    for (let failures = 1; ; failures += 1) {
      try {
        return await work()
      } catch (error) {
        if (signal.aborted || databaseFailure(error) !== 'transient') throw error
        if (failures === 1) log.warn({ delivery: id }, 'the outcome of a mail cannot be written yet')
        await sleep(backoffMs(failures, pauses), signal)
      }
    }
  }

  /** Only the claim's owner writes: when the lease has run out meanwhile, the delivery is somebody else's. */
  function write(claimed: Claimed, outcome: Outcome): Promise<Recorded> {
    const now = clock.now()
    return db.transaction(async (tx) => {
      await store.recordAttempt(tx, claimed, { ...outcome, now })
      const settled = settledBy(claimed, outcome, now)
      if (!(await store.settleDelivery(tx, claimed, { ...settled, now }))) return 'lease_lost'
      if (outcome.verdict === 'suppress') {
        await store.suppress(tx, { address: claimed.recipient, reason: outcome.detail, now })
      }
      return became(settled, outcome)
    })
  }

  async function writeStatus(claimed: Claimed, outcome: Outcome): Promise<Recorded> {
    const now = clock.now()
    const settled = settledBy(claimed, outcome, now)
    return (await store.settleDelivery(db, claimed, { ...settled, now })) ? became(settled, outcome) : 'lease_lost'
  }

  function settledBy({ failures, stalls, deliveries }: Claimed, outcome: Outcome, now: Date): Settled {
    return settle({ failures, stalls, deliveries, outcome, now, policy, random })
  }
}

function became({ status }: Settled, { verdict }: Outcome): Recorded {
  return verdict === 'pause' ? 'paused' : status
}
