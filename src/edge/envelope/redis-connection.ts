import { Redis } from 'ioredis'
import { backoffMs } from '../../platform/backoff.ts'
import { messageOf } from '../../platform/errors.ts'
import type { Script } from './redis-scripts.ts'
import type { ReplyTimer } from './reply-timer.ts'

/** Redis is slower than this: nothing waits for it any longer. */
export const replyMs = 250
/** A server that owes a reply for so long gets a new connection, so that what was sent to it does not pile up. */
const silenceMs = 500
/** From TCP connection to the end of the handshake. */
const handshakeMs = 1000

const options = {
  lazyConnect: true,
  connectTimeout: 2000,
  // A reservation is made now or not at all: nothing waits for a connection and nothing is sent again.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  // INFO is read by the store itself, which also tells when Redis is loading.
  enableReadyCheck: false,
  disableClientInfo: true,
  disconnectTimeout: 100,
  // The timeouts of ioredis (commandTimeout, socketTimeout) would also measure the event loop of this process.
  retryStrategy: (failures: number) => backoffMs(failures, { baseMs: 100, maxMs: 1000 }),
} as const

export type RedisConnection = Disposable & {
  isReady: () => boolean
  /** The first connection. */
  open: () => Promise<void>
  /** What the connection broke with, or could not be made with. */
  lastError: () => unknown
  info: () => Promise<string>
  evictionPolicy: () => Promise<string | undefined>
  /** The reply, however late; the connection is dropped when there is none for half a second. */
  run: (script: Script, keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>
  /** Drops the connection for a new one, which may lead to another server. */
  reconnect: (why: string) => void
}

export type ConnectionEvents = { onReady: () => void; onLost: () => void }

/** One connection to Redis that is made again whenever it breaks. */
export function createRedisConnection(
  url: string,
  timer: ReplyTimer,
  { onReady, onLost }: ConnectionEvents,
): RedisConnection {
  const redis = new Redis(url, options)
  let lastError: unknown

  redis.on('error', (error) => (lastError = error))
  redis.on('connect', () => void guardHandshake())
  redis.on('ready', () => {
    lastError = undefined
    onReady()
  })
  redis.on('close', onLost)

  const reconnect = (why: string) => {
    lastError ??= new Error(why)
    redis.stream?.destroy()
  }

  async function guardHandshake(): Promise<void> {
    const { stream } = redis
    const ended = new Promise<void>((resolve) => {
      redis.once('ready', resolve)
      redis.once('close', resolve)
    })
    await timer.within(ended, handshakeMs).catch((error: unknown) => {
      lastError = error
      stream.destroy()
    })
  }

  function watched<T>(reply: Promise<T>): Promise<T> {
    const { stream } = redis
    timer.within(reply, silenceMs).catch((error: unknown) => {
      if (!isLate(error)) return
      lastError = error
      stream.destroy()
    })
    return reply
  }

  return {
    isReady: () => redis.status === 'ready',
    async open() {
      await redis.connect().catch((error: unknown) => {
        // The connection's own error only says that it was closed.
        throw lastError ?? error
      })
    },
    lastError: () => lastError,
    info: () => watched(redis.info()),
    async evictionPolicy() {
      const answer: unknown = await watched(redis.config('GET', 'maxmemory-policy'))
      return Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] : undefined
    },
    async run({ sha, lua }, keys, args) {
      try {
        return await watched(redis.evalsha(sha, keys.length, ...keys, ...args))
      } catch (error) {
        // The server forgets scripts when it is told to, so a script that it does not know is sent whole.
        if (!messageOf(error).includes('NOSCRIPT')) throw error
        return watched(redis.eval(lua, keys.length, ...keys, ...args))
      }
    },
    reconnect,
    [Symbol.dispose]() {
      redis.removeAllListeners('close')
      redis.disconnect()
    },
  }
}

function isLate(error: unknown): boolean {
  return error instanceof Error && error.name === 'LateReply'
}
