import type { DatabasePool } from 'slonik'
import type { Log } from '../../platform/log.ts'
import { rowFrame } from './frames.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { createRing, type Ring, type RingLimits } from './ring.ts'
import { listRowsAfter, numberRows, readState } from './store.ts'

const batch = 500

export type FeederOptions = {
  db: DatabasePool
  limits: RingLimits
  log: Log
  onChange: () => void
  /** Told of each row that is passed over. */
  onUnreadable: () => void
}

export type Feeder = ReturnType<typeof createFeeder>

/**
 * Brings the outbox into the ring. Rows become visible in another order than they were written in, so a pass first
 * numbers what has been committed and then reads by number. Every replica does both: numbering is one transaction at a
 * time under a lock, and each reads what any of them has numbered.
 */
export function createFeeder({ db, limits, log, onChange, onUnreadable }: FeederOptions) {
  const ring: Ring = createRing(limits)
  let epoch: string | undefined
  let passedAtMs = Number.NEGATIVE_INFINITY

  async function pass(): Promise<void> {
    const startedAtMs = performance.now()
    const state = await readState(db)
    // A lower number than one that was read: the database has lost what it had committed, so nothing held is true.
    if (state.epoch !== epoch || state.last_position < ring.last()) {
      if (epoch !== undefined) log.warn({ epoch, state }, 'the outbox was replaced; push starts over')
      epoch = state.epoch
      startAfter(Math.max(0, state.last_position - limits.events))
    }
    if (state.unnumbered) while ((await numberRows(db, batch)) === batch);
    await read(state.epoch)
    passedAtMs = startedAtMs
  }

  async function read(epoch: string): Promise<void> {
    for (;;) {
      const rows = await listRowsAfter(db, ring.last(), batch)
      for (const { position, row } of rows) {
        // The rows between were trimmed before they were read here: whoever stands before them has a gap.
        if (position !== ring.last() + 1) startAfter(position - 1)
        if (row) ring.add(rowFrame(epoch, row))
        else passOver(position)
      }
      if (rows.length > 0) onChange()
      if (rows.length < batch) return
    }
  }

  /** The row may have been a revocation: whoever stands before it has a gap, and fetches anew. */
  function passOver(position: number): void {
    log.error({ position }, 'a row of the push outbox cannot be read; it is passed over, and every stream starts over')
    onUnreadable()
    startAfter(position)
  }

  function startAfter(position: number): void {
    ring.reset(position)
    onChange()
  }

  return {
    ring,
    /** Resolves once everything that was committed before the call is in the ring. */
    pass: oneAtATime(pass),
    /** Of the database; empty until the first pass. */
    epoch: () => epoch ?? '',
    /** How long ago the ring was as new as the database. */
    ageMs: () => performance.now() - passedAtMs,
  }
}
