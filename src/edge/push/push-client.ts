import type { PushEvent } from '../../gen/galaxy/push/v1/push_pb.ts'
import { backoffMs } from '../../platform/backoff.ts'
import { type Clock, sleep } from '../../platform/clock.ts'
import { messageOf } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'
import { createMetrics, type Metrics } from '../../platform/metrics.ts'
import { connectPush, type PushServer } from './connection.ts'
import { type Cursor, readCursor } from '../../platform/push-cursor.ts'
import { createDispatcher } from './dispatcher.ts'
import type { Hub } from './hub.ts'
import { pushClientMetrics } from './metrics.ts'

export type PushTiming = {
  backoff: { baseMs: number; maxMs: number }
  /** A stream without a frame for this long is taken for dead. */
  silenceMs: number
  /** The hub may serve for this long after the last frame; then revocations may have been missed. */
  trustMs: number
}

const defaultPushTiming: PushTiming = {
  backoff: { baseMs: 100, maxMs: 10_000 },
  silenceMs: 25_000,
  trustMs: 30_000,
}

export type PushClientOptions = PushServer & {
  hub: Hub
  clock: Clock
  log: Log
  metrics?: Metrics
  timing?: PushTiming
}

export type PushClient = AsyncDisposable & {
  start: () => void
  /** True while the stream is open, has caught up, and clients may open theirs. */
  isOpen: () => boolean
}

/** Holds one stream from the api open, resumes it where it broke, and tells the hub when it cannot. */
export function createPushClient({
  hub,
  clock,
  log,
  metrics = createMetrics({ runtime: false }),
  timing = defaultPushTiming,
  ...server
}: PushClientOptions): PushClient {
  const dispatch = createDispatcher(hub)
  const measured = pushClientMetrics(metrics)
  const end = new AbortController()
  let seen: { text: string; cursor: Cursor } | undefined
  let open = false
  let trust: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined

  function setOpen(now: boolean): void {
    if (now && !open) log.info({ cursor: seen?.text }, 'push is open')
    open = now
    measured.up.set(now ? 1 : 0)
  }

  /** Counted from the last frame, not from the break: a dead connection is noticed late. */
  function renewTrust(): void {
    clearTimeout(trust)
    trust = setTimeout(() => hub.suspend(), timing.trustMs)
  }

  /** @throws Error on a frame without a place, which cannot be resumed from */
  function take(frame: PushEvent): void {
    const cursor = readCursor(frame.cursor)
    if (!cursor) throw new Error(`the backend sent the cursor "${frame.cursor}"`)
    if (seen && !follows(seen.cursor, cursor, frame)) hub.resync()
    seen = { text: frame.cursor, cursor }
    dispatch(frame, cursor)
    if (frame.kind.case === 'clientEvent')
      measured.lag.observe(Math.max(0, clock.now().getTime() - Number(frame.createdMs)) / 1000)
    if (frame.kind.case === 'position' && frame.kind.value.caughtUp) setOpen(true)
    if (open) renewTrust()
  }

  async function follow(): Promise<void> {
    using connection = connectPush(server)
    const silent = new AbortController()
    const watchdog = setTimeout(() => silent.abort(new Error('no frame came')), timing.silenceMs)
    try {
      const signal = AbortSignal.any([end.signal, silent.signal])
      for await (const frame of connection.client.subscribePush({ lastCursor: seen?.text ?? '' }, { signal })) {
        watchdog.refresh()
        take(frame)
      }
    } finally {
      clearTimeout(watchdog)
      setOpen(false)
    }
  }

  async function run(): Promise<void> {
    let failures = 0
    while (!end.signal.aborted) {
      const startedAtMs = performance.now()
      const problem = await follow().then(() => 'it was ended', messageOf)
      if (end.signal.aborted) return
      failures = performance.now() - startedAtMs > timing.backoff.maxMs ? 1 : failures + 1
      measured.failures.inc()
      log[failures === 1 ? 'warn' : 'debug']({ problem, failures }, 'push is down')
      await sleep(fullJitterMs(failures, timing.backoff), end.signal)
    }
  }

  return {
    start: () => {
      running ??= run()
    },
    isOpen: () => open && hub.isLive(),
    [Symbol.asyncDispose]: async () => {
      end.abort()
      await running
      clearTimeout(trust)
    },
  }
}

/** After an outage all gateways come back to the same few replicas of the api: spread over the whole wait. */
function fullJitterMs(failures: number, backoff: PushTiming['backoff']): number {
  return Math.random() * backoffMs(failures, { ...backoff, random: () => 0 })
}

/** False when the history that was seen so far is not the one that goes on here. A Gap says so itself. */
function follows(seen: Cursor, { epoch, position }: Cursor, { kind }: PushEvent): boolean {
  if (kind.case === 'gap') return true
  if (epoch !== seen.epoch) return false
  return kind.case === 'position' ? position >= seen.position : position > seen.position
}
