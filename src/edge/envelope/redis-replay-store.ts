import { Redis } from 'ioredis'
import { z } from 'zod'
import { backoffMs } from '../../platform/backoff.ts'
import { type Clock, systemClock } from '../../platform/clock.ts'
import { messageOf, StartupError } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'
import { openEpoch, reserve, type Script } from './redis-scripts.ts'
import { type ReplayStore, replayStoreUnavailable, type Reservation, type ReservationTimes } from './replay-store.ts'

const epochKey = 'gateway:replay:epoch'
const Answer = z.enum(['reserved', 'replayed', 'reset'])

const options = {
  lazyConnect: true,
  connectTimeout: 2000,
  // A reservation is made now or not at all: nothing waits for a connection and nothing is sent again.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: 250,
  // A server that is silent for so long gets a new connection, so that what was sent to it does not pile up.
  socketTimeout: 500,
  retryStrategy: (failures: number) => backoffMs(failures, { baseMs: 100, maxMs: 1000 }),
  // The address may lead to the new master by now.
  reconnectOnError: ({ message }: Error) => message.startsWith('READONLY'),
} as const

export type RedisReplayStoreOptions = { url: string; log: Log; clock?: Clock }

/**
 * Reservations in Redis, shared by all gateways. Redis must not evict keys (`maxmemory-policy noeviction`): a
 * reservation that is gone is a request that can be played again.
 * @throws StartupError naming `GATEWAY_REDIS_URL` when Redis does not answer or takes no writes
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
  readonly #redis: Redis
  readonly #clock: Clock
  readonly #log: Log
  /** The run id of the server at the other end; undefined until it has said it. */
  #server: string | undefined
  #lastError: unknown

  constructor({ url, log, clock = systemClock }: RedisReplayStoreOptions) {
    this.#redis = new Redis(url, options)
    this.#clock = clock
    this.#log = log
    this.#redis.on('error', (error) => (this.#lastError = error))
    this.#redis.on('close', () => this.#lost())
  }

  async open(): Promise<void> {
    await this.#redis.connect().catch((error: unknown) => {
      // The connection's own error only says that it was closed.
      throw this.#lastError ?? error
    })
    await this.#meet()
    this.#redis.on('ready', () => void this.#meetAgain())
  }

  async ready(): Promise<boolean> {
    if (this.#server === undefined) return false
    return this.#redis.ping().then(
      () => true,
      () => false,
    )
  }

  async reserve(
    sessionId: string,
    requestId: string,
    { timestampMs, now, ttlMs }: ReservationTimes,
  ): Promise<Reservation> {
    if (this.#server === undefined) throw replayStoreUnavailable(this.#lastError)
    const keys = [epochKey, `gateway:replay:${sessionId}:${requestId}`]
    try {
      return Answer.parse(await this.#run(reserve, keys, [now.getTime(), this.#server, timestampMs, ttlMs]))
    } catch (cause) {
      throw replayStoreUnavailable(cause)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.removeAllListeners('close')
    this.#redis.disconnect()
  }

  /** Learns who is at the other end, and begins an epoch there if one must begin. */
  async #meet(): Promise<void> {
    const server = runIdOf(await this.#redis.info('server'))
    await this.#redis.script('LOAD', reserve.lua)
    await this.#run(openEpoch, [epochKey], [this.#clock.now().getTime(), server])
    this.#server = server
  }

  async #meetAgain(): Promise<void> {
    try {
      await this.#meet()
      this.#log.info('Redis answers again')
    } catch (error) {
      this.#lastError = error
      this.#redis.disconnect(true)
    }
  }

  #lost(): void {
    if (this.#server !== undefined) this.#log.warn({ err: this.#lastError }, 'the connection to Redis is lost')
    this.#server = undefined
  }

  /** The server forgets scripts when it is told to, so a script that it does not know is sent whole. */
  async #run({ sha, lua }: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await this.#redis.evalsha(sha, keys.length, ...keys, ...args)
    } catch (error) {
      if (!messageOf(error).startsWith('NOSCRIPT')) throw error
      return this.#redis.eval(lua, keys.length, ...keys, ...args)
    }
  }
}

function runIdOf(info: string): string {
  const [, runId] = /^run_id:(\w+)/m.exec(info) ?? []
  return runId ?? 'unnamed'
}
