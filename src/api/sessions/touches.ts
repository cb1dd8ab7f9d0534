import type { CommonQueryMethods } from 'slonik'
import type { Log } from '../../platform/log.ts'
import type { SessionRow } from './model.ts'
import { touchSession } from './store.ts'

/** A look is on the way of every request: the time is written at most this often, or each read would cost a write. */
const everyMs = 60_000

/** Writes down when sessions were last in use, behind the back of the requests that use them. */
export function createTouches({ db, log }: { db: CommonQueryMethods; log: Log }) {
  /** By session: the write that is on its way, so that a slow database is not sent a second one. */
  const onTheirWay = new Map<string, Promise<void>>()
  return { touch, settled }

  /** Starts the write if it is due. A failure is logged: the next look tries again. */
  function touch({ id, lastSeenAt }: Pick<SessionRow, 'id' | 'lastSeenAt'>, now: Date): void {
    const notAfter = new Date(now.getTime() - everyMs)
    if (lastSeenAt > notAfter || onTheirWay.has(id)) return
    const written = touchSession(db, { id, now, notAfter })
      .catch((error: unknown) => log.warn({ err: error, sessionId: id }, 'could not write when a session was seen'))
      .finally(() => onTheirWay.delete(id))
    onTheirWay.set(id, written)
  }

  /** Once all writes that have been started are over: to be waited for before the pool is closed. */
  async function settled(): Promise<void> {
    await Promise.all(onTheirWay.values())
  }
}
