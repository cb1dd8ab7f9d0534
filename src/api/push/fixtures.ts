import { randomUUID } from 'node:crypto'
import type { CommonQueryMethods } from 'slonik'
import type { TestPool } from '../../../test/support/database.ts'
import { systemClock } from '../../platform/clock.ts'
import { silentLog } from '../../platform/log.ts'
import type { Frame } from './frames.ts'
import { createPushService, type PushOptions, type PushService } from './service.ts'
import { publishEvent } from './store.ts'

export const userId = randomUUID()

/** Publishes `user.session.revoked` events that can be told apart by their reason. */
export function publish(db: CommonQueryMethods, reason: string): Promise<void> {
  const payload = { session_id: '11111111-1111-4111-8111-111111111111', reason }
  return publishEvent(db, { userId, eventType: 'user.session.revoked', payload, now: new Date() })
}

/** A started push service; signs of life only when a test asks for them. */
export async function startPush({ db, url }: TestPool, options: Partial<PushOptions> = {}): Promise<PushService> {
  const base = { db, databaseUrl: url, clock: systemClock, log: silentLog, heartbeatMs: 60_000 }
  const push = createPushService({ ...base, ...options })
  await push.start()
  return push
}

/** A gateway that reads one frame at a time. */
export function subscribe(push: PushService, cursor = '') {
  const leaving = new AbortController()
  const frames = push.subscribe(cursor, leaving.signal)[Symbol.asyncIterator]()
  const next = async (): Promise<Frame> => {
    const { value, done } = await frames.next()
    if (done) throw new Error('the stream has ended')
    return value
  }
  return {
    next,
    /** Reads up to and with the frame that ends the replay. */
    async replay(): Promise<Frame[]> {
      const seen = [await next()]
      while (!isCaughtUp(seen.at(-1))) seen.push(await next())
      return seen
    },
    async take(count: number): Promise<Frame[]> {
      const seen: Frame[] = []
      while (seen.length < count) seen.push(await next())
      return seen
    },
    [Symbol.asyncDispose]: async () => {
      leaving.abort()
      await frames.return?.()
    },
  }
}

export function isCaughtUp(frame: Frame | undefined): boolean {
  return frame?.kind.case === 'position' && frame.kind.value.caughtUp
}

/** A frame in one word: `position`, `caught-up`, `gap:<reason>`, `end:<reason>`, or an event's reason. */
export function said({ kind }: Frame): string {
  switch (kind.case) {
    case 'position':
      return kind.value.caughtUp ? 'caught-up' : 'position'
    case 'gap':
      return `gap:${kind.value.reason}`
    case 'sessionInvalidation':
      return `end:${kind.value.reason}`
    case 'clientEvent':
      return JSON.parse(new TextDecoder().decode(kind.value.payloadBytes)).reason
    case undefined:
      return 'nothing'
  }
}
