import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startRedis, type TestRedis } from '../../../test/support/redis.ts'
import { silentLog } from '../../platform/log.ts'
import { connectReplayStore } from './redis-replay-store.ts'
import { aRequestId, replayContract, signedNow } from './replay-contract.ts'
import type { ReplayStore } from './replay-store.ts'

const unavailable = { kind: 'unavailable', reason: 'replay_store_unavailable' }

replayContract('Redis', async () => {
  const redis = await startRedis()
  const store = await connectReplayStore({ url: redis.url, log: silentLog })
  return {
    store,
    dispose: async () => {
      await store[Symbol.asyncDispose]()
      await redis[Symbol.asyncDispose]()
    },
  }
})

describe('a replay store in Redis', () => {
  let redis: TestRedis
  let store: ReplayStore
  beforeAll(async () => {
    redis = await startRedis()
    store = await connectReplayStore({ url: redis.url, log: silentLog })
  })
  afterAll(async () => {
    await store[Symbol.asyncDispose]()
    await redis[Symbol.asyncDispose]()
  })

  const reserve = (request = aRequestId(), times = signedNow()) => store.reserve('session', request, times)
  /** Until it takes fresh requests again, by itself. */
  const recovered = () => expect.poll(() => reserve().catch(String), { timeout: 20_000 }).toBe('reserved')

  async function refusalMs(): Promise<number> {
    const begun = performance.now()
    await expect(reserve()).rejects.toMatchObject(unavailable)
    return performance.now() - begun
  }

  /** 300 ms are promised; the rest is for a machine that is busy with other tests. */
  const inTimeMs = 5000

  it('keeps a reservation under its documented key, for as long as it was asked to', async () => {
    const request = aRequestId()
    await reserve(request, signedNow(45_000))
    const left = Number(await redis.command('PTTL', `gateway:replay:session:${request}`))
    expect(left).toBeGreaterThan(30_000)
    expect(left).toBeLessThanOrEqual(45_000)
  })

  it('lets one of two gateways have a request (abuse 28)', async () => {
    await using other = await connectReplayStore({ url: redis.url, log: silentLog })
    const request = aRequestId()
    const answers = await Promise.all([store, other].map((each) => each.reserve('session', request, signedNow())))
    expect(answers.toSorted()).toEqual(['replayed', 'reserved'])
  })

  it('begins a new epoch when it is emptied: replays are refused, fresh requests pass (abuse 24)', async () => {
    const request = aRequestId()
    const times = signedNow()
    expect(await reserve(request, times)).toBe('reserved')
    const epoch = await redis.command('GET', 'gateway:replay:epoch')
    await redis.command('FLUSHALL')
    expect(await reserve(request, { ...times, now: new Date(times.timestampMs + 500) })).toBe('reset')
    expect(await redis.command('GET', 'gateway:replay:epoch')).not.toBe(epoch)
    await recovered()
  })

  it('goes on when its scripts are forgotten', async () => {
    await redis.command('SCRIPT', 'FLUSH')
    expect(await reserve()).toBe('reserved')
  })

  it('fails closed while Redis is away, and comes back by itself (abuse 26)', async () => {
    await redis.kill()
    await expect.poll(() => store.ready()).toBe(false)
    expect(await refusalMs()).toBeLessThan(inTimeMs)
    await redis.start()
    await recovered()
    expect(store.ready()).toBe(true)
  })

  it('begins a new epoch when Redis comes back with an old snapshot (abuse 24)', async () => {
    await redis.command('SAVE')
    const request = aRequestId()
    const times = signedNow()
    expect(await reserve(request, times)).toBe('reserved')
    await redis.kill()
    await redis.start()
    expect(await redis.command('EXISTS', 'gateway:replay:epoch')).toBe(1)
    await recovered()
    expect(await reserve(request, { ...times, now: new Date() })).toBe('reset')
  })

  it('fails closed while Redis hangs, soon without waiting for it, and comes back by itself (abuse 26)', async () => {
    redis.freeze()
    onTestFinished(() => redis.thaw())
    expect(await refusalMs()).toBeLessThan(inTimeMs)
    expect(store.ready()).toBe(false)
    await expect.poll(refusalMs, { timeout: 20_000 }).toBeLessThan(50)
    redis.thaw()
    await recovered()
  })

  it('fails closed while Redis is out of memory (abuse 26)', async () => {
    await redis.command('CONFIG', 'SET', 'maxmemory', '1')
    onTestFinished(async () => void (await redis.command('CONFIG', 'SET', 'maxmemory', '0')))
    expect(await refusalMs()).toBeLessThan(inTimeMs)
    await redis.command('CONFIG', 'SET', 'maxmemory', '0')
    await recovered()
  })

  it('fails closed on a read-only replica (abuse 26)', async () => {
    await redis.command('REPLICAOF', '127.0.0.1', '1')
    onTestFinished(async () => void (await redis.command('REPLICAOF', 'NO', 'ONE')))
    expect(await refusalMs()).toBeLessThan(inTimeMs)
    await redis.command('REPLICAOF', 'NO', 'ONE')
    await recovered()
  })
})

describe('connecting to a replay store', () => {
  it.each([
    { what: 'nobody listens', url: 'redis://127.0.0.1:1' },
    { what: 'the host does not exist', url: 'redis://redis.invalid:6379' },
  ])('refuses the start when $what, naming the setting (abuse 86)', async ({ url }) => {
    await expect(connectReplayStore({ url, log: silentLog })).rejects.toMatchObject({
      name: 'StartupError',
      message: expect.stringMatching(/^setting GATEWAY_REDIS_URL: Redis cannot be used: \S/),
    })
  })

  it('refuses the start when Redis refuses the password, and does not repeat it', async () => {
    await using redis = await startRedis()
    await redis.command('CONFIG', 'SET', 'requirepass', 'right')
    const url = redis.url.replace('//', '//:secret-word@')
    const error = await connectReplayStore({ url, log: silentLog }).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ name: 'StartupError', message: expect.stringContaining('WRONGPASS') })
    expect(String(error)).not.toContain('secret-word')
  })

  it('refuses the start when Redis hangs', async () => {
    await using redis = await startRedis()
    redis.freeze()
    await expect(connectReplayStore({ url: redis.url, log: silentLog })).rejects.toMatchObject({ name: 'StartupError' })
  })

  it('accepts what is signed right after the start', async () => {
    await using redis = await startRedis()
    await using store = await connectReplayStore({ url: redis.url, log: silentLog })
    expect(await store.reserve('session', aRequestId(), signedNow())).toBe('reserved')
  })
})
