import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type Clock, systemClock } from '../../platform/clock.ts'
import { messageOf, StartupError } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'
import { createMetrics, type Metrics } from '../../platform/metrics.ts'
import { epochFloor, maxAheadMs } from './epoch-floor.ts'
import { createGivenUpAttempts, type GivenUp } from './given-up.ts'
import { createRedisConnection, type RedisConnection, replyMs } from './redis-connection.ts'
import { isRefusedByRedis, leadsElsewhere, UnfitStore } from './redis-reasons.ts'
import { openEpoch, release, reserve } from './redis-scripts.ts'
import { checkEvictionPolicy, readServerInfo, type ServerInfo } from './redis-server-info.ts'
import { createReplayHealth, type ReplayHealth } from './replay-health.ts'
import { type ReplayStore, replayStoreUnavailable, type Reservation, type ReservationTimes } from './replay-store.ts'
import { createReplyTimer, LateReply } from './reply-timer.ts'
import { createStoreClock } from './store-clock.ts'

const epochKey = 'gateway:replay:epoch'
const aheadKey = 'gateway:replay:ahead'
const probeKey = 'gateway:replay:probe'

/** Between two probes: so long may an outage last that no reservation notices, and so long its end may be missed. */
const probeEveryMs = 1000
/** Latency that the store's clock may be off by. */
const toleranceMs = 50
/** No request is fresh for longer: what is that long ago cannot be executed again. */
const longestReservationMs = 610_000
/** Reservations removed by one command. */
const releaseBatch = 500

const Epoch = z.tuple([z.number(), z.number(), z.number()])
const Outcome = z.enum(['reserved', 'replayed', 'reset', 'stale', 'moved', 'late'])
const Attempt = z.tuple([Outcome, z.number(), z.number()])
type Outcome = z.infer<typeof Outcome>

export type RedisReplayStoreOptions = {
  url: string
  log: Log
  clock?: Clock
  metrics?: Metrics
  /** A monotonic clock. */
  monotonicMs?: () => number
}

/**
 * Reservations in Redis, shared by all gateways.
 * @throws StartupError naming `GATEWAY_REDIS_URL` when Redis does not answer, takes no writes, or may evict reservations
 */
export async function connectReplayStore(given: RedisReplayStoreOptions): Promise<ReplayStore> {
  const store = new RedisReplayStore(given)
  try {
    await store.open()
    return store
  } catch (cause) {
    await store[Symbol.asyncDispose]()
    throw new StartupError(`setting GATEWAY_REDIS_URL: Redis cannot be used: ${messageOf(cause)}`, { cause })
  }
}

class RedisReplayStore implements ReplayStore {
  readonly #connection: RedisConnection
  readonly #clock: Clock
  readonly #monotonicMs: () => number
  readonly #health: ReplayHealth
  readonly #timer = createReplyTimer()
  readonly #storeClock = createStoreClock()
  readonly #givenUp = createGivenUpAttempts()
  readonly #gateway = randomUUID()
  #attempts = 0
  /** The server at the other end, once it has been met on this connection. */
  #server: ServerInfo | undefined
  /** The one met last, on whatever connection. */
  #lastServer: ServerInfo | undefined
  /** Something shows that reservations may be lost although the epoch is there. */
  #mustBeginEpoch = false
  #unfit: UnfitStore | undefined
  #epochMs = 0
  /** How far ahead of Redis's clock gateways are, as far as this one was told lately: a loss also loses that. */
  #ahead = { ms: 0, untilMs: -Infinity }
  #newestMs = 0
  /** The floor of the moment at which the store's clock was set: the clock says nothing about the time before any more. */
  #clockSet = { floorMs: 0, atMs: -Infinity }
  #probing: Promise<void> | undefined
  #probes: NodeJS.Timeout | undefined

  constructor({
    url,
    log,
    clock = systemClock,
    metrics = createMetrics({ runtime: false }),
    monotonicMs = () => performance.now(),
  }: RedisReplayStoreOptions) {
    this.#clock = clock
    this.#monotonicMs = monotonicMs
    this.#health = createReplayHealth({ log, metrics, nowMs: monotonicMs })
    this.#connection = createRedisConnection(url, this.#timer, {
      onReady: () => this.#probes && void this.#probe(),
      onLost: () => this.#lost(),
    })
  }

  async open(): Promise<void> {
    await this.#connection.open()
    await this.#meet()
    this.#probes = setInterval(() => void this.#probe(), probeEveryMs)
    this.#probes.unref()
  }

  ready(): boolean {
    return this.#server !== undefined && this.#unfit === undefined && this.#health.isUp()
  }

  async reserve(sessionId: string, requestId: string, times: ReservationTimes): Promise<Reservation> {
    const key = `gateway:replay:${sessionId}:${requestId}`
    try {
      const reservation = await this.#reserve(key, times)
      this.#health.answered()
      return reservation
    } catch (cause) {
      this.#health.refused(cause)
      if (this.#mustBeginEpoch) void this.#probe()
      throw replayStoreUnavailable(cause)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#probes)
    this.#connection[Symbol.dispose]()
  }

  async #reserve(key: string, times: ReservationTimes, attemptsLeft = 2): Promise<Reservation> {
    const outcome = await this.#attempt(key, times)
    if (outcome !== 'moved' && outcome !== 'late') return outcome
    if (attemptsLeft === 0)
      throw outcome === 'late' ? new LateReply('Redis is asked too late') : new UnfitStore('moved')
    // The command was sent late, by a process without CPU: Redis answers in time.
    if (outcome === 'moved') await this.#probe()
    return this.#reserve(key, times, attemptsLeft - 1)
  }

  async #attempt(key: string, { timestampMs, now, ttlMs }: ReservationTimes): Promise<Outcome> {
    if (this.#unfit) throw this.#unfit
    const server = this.#server
    if (!server) throw this.#connection.lastError() ?? new Error('Redis is not connected')
    this.#attempts += 1
    const token = `${this.#gateway}:${this.#attempts}`
    const sentMs = this.#monotonicMs()
    const notAfterMs = this.#storeMs(sentMs) + replyMs + toleranceMs
    const attempt = { key, token, notAfterMs, expiresMs: sentMs + ttlMs + maxAheadMs }
    const expiryMs = now.getTime() + ttlMs
    const given = [server.identity, this.#floor(sentMs), timestampMs, expiryMs, notAfterMs, token]
    const reply = this.#connection.run(reserve, [epochKey, key], [...given, ...this.#givenUp.tokensOf(key)])
    try {
      const [outcome, storeMs, epochMs] = Attempt.parse(await this.#timer.within(reply, replyMs))
      this.#learn(sentMs, storeMs)
      this.#epochMs = Math.max(this.#epochMs, epochMs)
      if (outcome === 'reserved') this.#newestMs = Math.max(this.#newestMs, timestampMs)
      // The clock was set forward, so reservations may have expired before their time, this request's among them.
      if (outcome === 'reserved' && this.#mustBeginEpoch) throw new UnfitStore('clock_set')
      return outcome
    } catch (error) {
      // From here on the request is refused, so whatever this attempt has reserved, or will, is nobody's.
      if (!isRefusedByRedis(error)) this.#giveUp(attempt, reply)
      throw error
    }
  }

  #giveUp(attempt: GivenUp, reply: Promise<unknown>): void {
    this.#givenUp.add(attempt)
    reply.then(
      () => this.#release([attempt]),
      (error: unknown) => isRefusedByRedis(error) && this.#givenUp.remove(attempt),
    )
  }

  /** Removes reservations of attempts that were given up; when that fails the next probe tries again. */
  async #release(attempts: readonly { key: string; token: string }[]): Promise<void> {
    for (let from = 0; from < attempts.length; from += releaseBatch) {
      const batch = attempts.slice(from, from + releaseBatch)
      const tokens = batch.map(({ token }) => token)
      const keys = batch.map(({ key }) => key)
      const released = this.#timer.within(this.#connection.run(release, keys, tokens), replyMs)
      const isDone = await released.then(
        () => true,
        () => false,
      )
      if (!isDone) return
      for (const each of batch) this.#givenUp.remove(each)
    }
  }

  /** Finds out whether reservations can be made, one probe at a time. */
  #probe(): Promise<void> {
    this.#probing ??= this.#probeNow().finally(() => (this.#probing = undefined))
    return this.#probing
  }

  async #probeNow(): Promise<void> {
    if (!this.#connection.isReady()) return
    try {
      await this.#meet()
    } catch (error) {
      const reason = this.#health.failed(error)
      this.#unfit = error instanceof UnfitStore && error.reason !== 'epoch_ahead' ? error : undefined
      if (leadsElsewhere.has(reason)) this.#connection.reconnect(messageOf(error))
    }
  }

  /** Learns who is at the other end and what it is fit for, and begins an epoch there if one must begin. */
  async #meet(): Promise<void> {
    const info = readServerInfo(await this.#timer.within(this.#connection.info(), replyMs))
    checkEvictionPolicy(info.evictionPolicy ?? (await this.#connection.evictionPolicy().catch(() => undefined)))
    await this.#openEpoch(info)
    // Only now it is known how far ahead this gateway is itself; others may need to know at once.
    const isAhead = this.#ownAheadMs(this.#monotonicMs()) > this.#ahead.ms + toleranceMs
    if (this.#mustBeginEpoch || isAhead) await this.#openEpoch(info)
    this.#server = info
    const localMs = this.#monotonicMs()
    await this.#release(this.#givenUp.settled(this.#storeClock.earliest(localMs) ?? 0, localMs))
    if (this.#epochMs > this.#storeMs(localMs) + 2 * maxAheadMs) throw new UnfitStore('epoch_ahead')
    this.#health.probed(this.#clock.now().getTime() - this.#storeMs(localMs))
  }

  async #openEpoch(info: ServerInfo): Promise<void> {
    const isForced = this.#mustBeginEpoch || this.#unfit?.reason === 'evicting' || this.#mayHaveLost(info)
    const sentMs = this.#monotonicMs()
    const args = [info.identity, this.#floor(sentMs), this.#ownAheadMs(sentMs), isForced ? 1 : 0]
    const reply = this.#connection.run(openEpoch, [epochKey, aheadKey, probeKey], args)
    const [storeMs, epochMs, aheadMs] = Epoch.parse(await this.#timer.within(reply, replyMs))
    this.#epochMs = Math.max(this.#epochMs, epochMs)
    if (aheadMs >= this.#ahead.ms || sentMs > this.#ahead.untilMs) {
      this.#ahead = { ms: aheadMs, untilMs: sentMs + longestReservationMs }
    }
    this.#learn(sentMs, storeMs)
    if (isForced) this.#mustBeginEpoch = false
    this.#unfit = undefined
    this.#lastServer = info
  }

  /** Another server than the last one, or one that has evicted since. */
  #mayHaveLost({ identity, evictedKeys }: ServerInfo): boolean {
    const last = this.#lastServer
    return last !== undefined && (last.identity !== identity || last.evictedKeys !== evictedKeys)
  }

  #learn(sentMs: number, storeMs: number): void {
    const receivedMs = this.#monotonicMs()
    const floorMs = this.#floor(receivedMs)
    const move = this.#storeClock.learn({ sentMs, receivedMs, storeMs })
    if (move === 'steady') return
    this.#clockSet = { floorMs, atMs: receivedMs }
    // Reservations expire by the clock of Redis: set forward, it has forgotten some before their time.
    if (move === 'forward') this.#mustBeginEpoch = true
  }

  /** 0 before a store was met: a store that is empty then may just be new. */
  #floor(localMs: number): number {
    if (!this.#lastServer) return 0
    const { floorMs, atMs } = this.#clockSet
    // The clock that is ahead now must not lock everybody out: what may be lost is older than the step.
    if (this.#mustBeginEpoch) return Math.max(floorMs, this.#epochMs)
    const known = { epochMs: this.#epochMs, aheadMs: this.#ahead.ms, newestMs: this.#newestMs }
    const floor = epochFloor({ ...known, storeMs: this.#storeMs(localMs) })
    return localMs < atMs + longestReservationMs ? Math.max(floorMs, floor) : floor
  }

  #storeMs(localMs: number): number {
    return this.#storeClock.latest(localMs) ?? 0
  }

  #ownAheadMs(localMs: number): number {
    const storeMs = this.#storeClock.earliest(localMs)
    if (storeMs === undefined) return 0
    return Math.min(maxAheadMs, Math.max(0, this.#clock.now().getTime() - storeMs))
  }

  #lost(): void {
    if (this.#probes) this.#health.failed(this.#connection.lastError() ?? new Error('the connection was closed'))
    this.#server = undefined
  }
}
