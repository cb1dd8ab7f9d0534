import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { startRedis, type TestRedis } from '../../../test/support/redis.ts'
import { startRedisLink } from '../../../test/support/redis-link.ts'
import { silentLog } from '../../platform/log.ts'
import { createMetrics } from '../../platform/metrics.ts'
import { connectReplayStore } from './redis-replay-store.ts'
import { aRequestId, signedNow } from './replay-contract.ts'

type Line = { level: number; reason: string; msg: string }

async function aStore(redis: TestRedis, url = redis.url) {
  const lines: Line[] = []
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const metrics = createMetrics({ runtime: false })
  const store = await connectReplayStore({ url, log, metrics })
  const reserve = (times = signedNow(), request = aRequestId()) => store.reserve('session', request, times)
  const refusals = async (reason: string) => {
    const [, count] = new RegExp(`refusals_total\\{reason="${reason}"\\} (\\d+)`).exec(await metrics.metrics()) ?? []
    return Number(count ?? 0)
  }
  return { store, lines, reserve, refusals, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}

const config = (name: string, on: string, off: string) => ({
  begin: (redis: TestRedis) => redis.command('CONFIG', 'SET', name, on),
  end: (redis: TestRedis) => redis.command('CONFIG', 'SET', name, off),
})

const outages = [
  { reason: 'OOM', ...config('maxmemory', '1', '0') },
  { reason: 'NOREPLICAS', ...config('min-replicas-to-write', '1', '0') },
  {
    reason: 'READONLY',
    begin: (redis: TestRedis) => redis.command('REPLICAOF', '127.0.0.1', '1'),
    end: (redis: TestRedis) => redis.command('REPLICAOF', 'NO', 'ONE'),
  },
  {
    reason: 'MASTERDOWN',
    begin: async (redis: TestRedis) => {
      await redis.command('CONFIG', 'SET', 'replica-serve-stale-data', 'no')
      await redis.command('REPLICAOF', '127.0.0.1', '1')
    },
    end: (redis: TestRedis) => redis.command('REPLICAOF', 'NO', 'ONE'),
  },
  {
    reason: 'MISCONF',
    begin: async (redis: TestRedis) => {
      await redis.command('CONFIG', 'SET', 'save', '3600 1')
      await redis.breakSnapshots()
    },
    end: (redis: TestRedis) => redis.command('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no'),
  },
  {
    reason: 'NOPERM',
    begin: (redis: TestRedis) => redis.command('ACL', 'SETUSER', 'default', '-evalsha', '-eval'),
    end: (redis: TestRedis) => redis.command('ACL', 'SETUSER', 'default', '+@all'),
  },
  { reason: 'evicting', ...config('maxmemory-policy', 'allkeys-lru', 'noeviction') },
  { reason: 'evicting', ...config('maxmemory-policy', 'volatile-ttl', 'noeviction') },
  {
    reason: 'disconnected',
    begin: (redis: TestRedis) => redis.kill(),
    end: (redis: TestRedis) => redis.start(),
  },
  {
    reason: 'late',
    begin: async (redis: TestRedis) => redis.freeze(),
    end: async (redis: TestRedis) => redis.thaw(),
  },
]

describe('a Redis that takes no reservations', () => {
  it.each(outages)(
    'because of $reason is reported once, makes the edge unready, and is noticed to recover, without traffic (abuse 102)',
    async ({ reason, begin, end }) => {
      await using redis = await startRedis()
      await using edge = await aStore(redis)
      expect(edge.store.ready()).toBe(true)
      await begin(redis)
      await expect.poll(() => edge.store.ready()).toBe(false)
      expect(edge.lines).toEqual([expect.objectContaining({ level: 40, reason })])
      await end(redis)
      await expect.poll(() => edge.store.ready()).toBe(true)
      await expect.poll(() => edge.lines.length).toBe(2)
      expect(edge.lines[1]).toMatchObject({
        level: 30,
        reason,
        msg: expect.stringContaining('takes reservations again'),
      })
      expect(await edge.reserve()).toBe('reserved')
    },
  )

  it.each(outages.filter(({ reason }) => reason !== 'late' && reason !== 'disconnected'))(
    'because of $reason refuses all calls with one line in the log, and counts them by reason (abuse 102)',
    async ({ reason, begin, end }) => {
      await using redis = await startRedis()
      await using edge = await aStore(redis)
      await begin(redis)
      await expect.poll(() => edge.reserve().catch(() => 'refused')).toBe('refused')
      expect(edge.store.ready()).toBe(false)
      for (let call = 0; call < 20; call += 1)
        await expect(edge.reserve()).rejects.toMatchObject({ kind: 'unavailable' })
      expect(edge.lines).toHaveLength(1)
      await expect.poll(() => edge.refusals(reason)).toBeGreaterThan(0)
      await end(redis)
      await expect.poll(() => edge.reserve().catch(() => 'refused')).toBe('reserved')
      expect(edge.store.ready()).toBe(true)
    },
  )

  it('stays unready on a read-only replica, and finds the new primary behind the same address', async () => {
    await using replica = await startRedis()
    await using primary = await startRedis()
    await using link = await startRedisLink(replica.url)
    await using edge = await aStore(replica, link.url)
    await replica.command('REPLICAOF', '127.0.0.1', '1')
    await expect.poll(() => edge.store.ready()).toBe(false)
    const opened = link.opened()
    await expect
      .poll(() => {
        expect(edge.store.ready()).toBe(false)
        return link.opened() - opened
      })
      .toBeGreaterThan(1)
    expect(edge.lines).toEqual([expect.objectContaining({ reason: 'READONLY' })])
    link.leadTo(primary.url)
    await expect.poll(() => edge.store.ready()).toBe(true)
    expect(await edge.reserve()).toBe('reserved')
  })

  it('asks Redis nothing when it is asked whether it is ready', async () => {
    await using redis = await startRedis()
    await using edge = await aStore(redis)
    const commands = async () =>
      Number(/total_commands_processed:(\d+)/.exec(String(await redis.command('INFO', 'stats')))?.[1])
    const before = await commands()
    for (let probe = 0; probe < 1000; probe += 1) edge.store.ready()
    expect((await commands()) - before).toBeLessThan(100)
  })

  it('because the password was changed is reported without the one that it refused', async () => {
    await using redis = await startRedis()
    await redis.command('ACL', 'SETUSER', 'edge', 'on', '>secret-word', '~*', '+@all')
    await using edge = await aStore(redis, redis.url.replace('//', '//edge:secret-word@'))
    await redis.command('ACL', 'SETUSER', 'edge', 'resetpass', '>another')
    await redis.command('CLIENT', 'KILL', 'USER', 'edge')
    await expect.poll(() => edge.store.ready()).toBe(false)
    await expect
      .poll(async () => Number(await edge.reserve().catch(() => edge.refusals('WRONGPASS'))))
      .toBeGreaterThan(0)
    expect(JSON.stringify(edge.lines)).not.toContain('secret-word')
  })
})

describe('connecting to a Redis that is not fit', () => {
  it.each([
    'allkeys-lru',
    'allkeys-lfu',
    'allkeys-random',
    'volatile-lru',
    'volatile-lfu',
    'volatile-random',
    'volatile-ttl',
  ])('is refused when its policy is %s, naming it and the remedy (abuse 102)', async (policy) => {
    await using redis = await startRedis()
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', policy)
    await expect(connectReplayStore({ url: redis.url, log: silentLog })).rejects.toMatchObject({
      name: 'StartupError',
      message: expect.stringMatching(
        new RegExp(`^setting GATEWAY_REDIS_URL: Redis cannot be used: its maxmemory-policy is ${policy}, .*noeviction`),
      ),
    })
  })

  it('needs no right to CONFIG: INFO tells the policy', async () => {
    await using redis = await startRedis()
    await redis.command('ACL', 'SETUSER', 'edge', 'on', '>secret', '~gateway:replay:*', '+@all', '-config')
    const url = redis.url.replace('//', '//edge:secret@')
    await using store = await connectReplayStore({ url, log: silentLog })
    expect(await store.reserve('session', aRequestId(), signedNow())).toBe('reserved')
  })

  it('is refused without the right to INFO, naming what is missing', async () => {
    await using redis = await startRedis()
    await redis.command('ACL', 'SETUSER', 'edge', 'on', '>secret', '~*', '+@all', '-info')
    const url = redis.url.replace('//', '//edge:secret@')
    await expect(connectReplayStore({ url, log: silentLog })).rejects.toThrow(/GATEWAY_REDIS_URL: .*NOPERM/)
  })

  it.each([
    { what: 'a node of a cluster', args: ['--cluster-enabled', 'yes'], says: 'Redis Cluster' },
    { what: 'a Sentinel', args: ['--sentinel'], says: 'Sentinel' },
  ])('is refused when it is $what', async ({ args, says }) => {
    await using redis = await startRedis(args)
    await expect(connectReplayStore({ url: redis.url, log: silentLog })).rejects.toThrow(says)
  })
})
