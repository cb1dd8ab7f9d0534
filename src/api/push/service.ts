import type { DatabasePool } from 'slonik'
import { type Clock, settledWithin, sleep } from '../../platform/clock.ts'
import { messageOf } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'
import { createMetrics, type Metrics } from '../../platform/metrics.ts'
import { createBell } from './bell.ts'
import { createFeeder } from './feeder.ts'
import type { Frame } from './frames.ts'
import { pushMetrics } from './metrics.ts'
import { listenForRows } from './notifications.ts'
import type { RingLimits } from './ring.ts'
import { trimRows } from './store.ts'
import { findStart, framesFrom, requireFresh } from './subscription.ts'

export type PushOptions = {
  db: DatabasePool
  /** For the connection that hears of new rows. */
  databaseUrl: string
  clock: Clock
  log: Log
  metrics?: Metrics
  limits?: RingLimits
  /** How often the outbox is looked at when nobody says that there is something new. */
  pollMs?: number
  /** Rows are kept this long at least; the newest, as many as the ring holds, for ever. */
  keepMs?: number
  heartbeatMs?: number
  staleMs?: number
}

export type PushService = AsyncDisposable & {
  /** Resolves once the newest rows are loaded. Rejects when the database cannot be read. */
  start: () => Promise<void>
  ready: () => boolean
  /** Something was committed to the outbox; for whoever does not want to wait for the database to say so. */
  wake: () => void
  /** Frames after the cursor until the signal fires. Any number of streams. */
  subscribe: (lastCursor: string, signal: AbortSignal) => AsyncIterable<Frame>
  /** Resolves once every stream has what can be read now, or has not taken it within a second. */
  flush: () => Promise<void>
  /** Ends every stream, now and from now on: an open one would hold up the listener's end. */
  endStreams: () => void
}

const trimEveryMs = 60_000
const flushWithinMs = 1_000

/** The api's side of push. Only the feeder puts anything into the ring: what is told is what is committed. */
export function createPushService({
  db,
  databaseUrl,
  clock,
  log,
  metrics = createMetrics({ runtime: false }),
  limits = { events: 4096, bytes: 8 * 1024 * 1024 },
  pollMs = 500,
  keepMs = 3_600_000,
  heartbeatMs = 10_000,
  staleMs = 5_000,
}: PushOptions): PushService {
  const bell = createBell()
  const ending = new AbortController()
  const measured = pushMetrics(metrics)
  const feeder = createFeeder({ db, limits, log, onChange: bell.ring, onUnreadable: () => measured.unreadable.inc() })
  const places = new Set<{ position: number }>()
  const held = new AsyncDisposableStack()
  let failing = false

  async function keepUp(): Promise<void> {
    try {
      await feeder.pass()
      if (failing) log.info('the outbox can be read again')
      failing = false
    } catch (error) {
      if (!failing) log.warn({ problem: messageOf(error) }, 'the outbox cannot be read')
      failing = true
    }
  }

  const wake = () => void keepUp()

  async function trim(): Promise<void> {
    const before = new Date(clock.now().getTime() - keepMs)
    await trimRows(db, { before, keep: limits.events }).catch((error: unknown) =>
      log.warn({ problem: messageOf(error) }, 'the outbox cannot be trimmed'),
    )
  }

  function every(ms: number, work: () => Promise<void>): void {
    const timer = setInterval(() => void work(), ms)
    held.defer(() => clearInterval(timer))
  }

  async function* subscribe(lastCursor: string, signal: AbortSignal): AsyncGenerator<Frame> {
    requireFresh({ feeder, staleMs })
    const start = await findStart(feeder, lastCursor)
    const place = { position: start.position }
    const options = { feeder, bell, clock, heartbeatMs, staleMs, ending: ending.signal }
    places.add(place)
    measured.subscribers.inc()
    try {
      for await (const frame of framesFrom(start, place, options, signal)) {
        measured.sent(frame)
        yield frame
      }
    } finally {
      places.delete(place)
      measured.subscribers.dec()
    }
  }

  function endStreams(): void {
    ending.abort()
    bell.ring()
  }

  return {
    start: async () => {
      await feeder.pass()
      // Passes that are still running when this is disposed of must not outlive it.
      held.defer(() => feeder.pass().catch(() => undefined))
      held.use(listenForRows({ databaseUrl, log, onNotified: wake }))
      every(pollMs, keepUp)
      every(trimEveryMs, trim)
    },
    ready: () => feeder.epoch() !== '',
    wake,
    subscribe,
    flush: async () => {
      const deadlineMs = performance.now() + flushWithinMs
      await settledWithin(flushWithinMs, keepUp())
      const behind = () => [...places].some(({ position }) => position < feeder.ring.last())
      while (behind() && performance.now() < deadlineMs) await sleep(5)
    },
    endStreams,
    [Symbol.asyncDispose]: async () => {
      endStreams()
      await held.disposeAsync()
    },
  }
}
