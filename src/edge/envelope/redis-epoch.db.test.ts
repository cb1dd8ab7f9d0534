import { describe, expect, it } from 'vitest'
import { startRedis, type TestRedis } from '../../../test/support/redis.ts'
import { startRedisLink } from '../../../test/support/redis-link.ts'
import { silentLog } from '../../platform/log.ts'
import { connectReplayStore } from './redis-replay-store.ts'
import { aRequestId } from './replay-contract.ts'

const windowMs = 60_000
const marginMs = 10_000

type EdgeOptions = { url: string; aheadMs?: number; monotonicMs?: () => number }

/** An edge whose clock is `aheadMs` ahead of Redis's; a device that took its time from there sends by the same. */
async function anEdge({ url, aheadMs = 0, ...given }: EdgeOptions) {
  const clock = { now: () => new Date(Date.now() + aheadMs) }
  const store = await connectReplayStore({ url, log: silentLog, clock, ...given })
  return {
    store,
    clock,
    request: () => ({ id: aRequestId(), timestampMs: clock.now().getTime() }),
    /** What the stages before would refuse counts as refused, too. */
    send: async ({ id, timestampMs }: { id: string; timestampMs: number }) => {
      const now = clock.now()
      if (Math.abs(timestampMs - now.getTime()) > windowMs) return 'not fresh'
      return store.reserve('session', id, {
        timestampMs,
        now,
        ttlMs: timestampMs + windowMs - now.getTime() + marginMs,
      })
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

const epochOf = async (redis: TestRedis) =>
  Number(String(await redis.command('GET', 'gateway:replay:epoch')).split(' ')[0])

async function redisTimeMs(redis: TestRedis): Promise<number> {
  const time = await redis.command('TIME')
  return Array.isArray(time) ? Number(time[0]) * 1000 : Number.NaN
}

describe('the replay epoch', () => {
  it.each([-8000, 8000, -3_600_000, 3_600_000])(
    'is the time of Redis, whatever the clock of the edge says (%i ms)',
    async (aheadMs) => {
      await using redis = await startRedis()
      await using _edge = await anEdge({ url: redis.url, aheadMs })
      expect(Math.abs((await epochOf(redis)) - (await redisTimeMs(redis)))).toBeLessThan(2000)
    },
  )

  it.each([
    { first: 0, second: -8000, device: 'first' },
    { first: 0, second: -8000, device: 'second' },
    { first: 8000, second: -8000, device: 'first' },
    { first: -8000, second: 8000, device: 'second' },
  ] as const)(
    'lets nothing execute twice after FLUSHALL, with edges at $first and $second ms, and a device that goes by the $device (abuse 103)',
    async ({ first, second, device }) => {
      await using redis = await startRedis()
      await using one = await anEdge({ url: redis.url, aheadMs: first })
      await using two = await anEdge({ url: redis.url, aheadMs: second })
      await haveProbed(redis)
      await age(redis)
      const request = { first: one, second: two }[device].request()
      expect(await one.send(request)).toBe('reserved')
      expect(await two.send(request)).toBe('replayed')
      const epochMs = await epochOf(redis)
      await redis.command('FLUSHALL')
      for (const edge of [two, one, two]) expect(await edge.send(request)).not.toBe('reserved')
      expect(await epochOf(redis)).toBeGreaterThanOrEqual(epochMs)
      await expect.poll(() => two.send({ id: aRequestId(), timestampMs: Date.now() })).toBe('reserved')
    },
  )

  it('never decreases, over any order of losses and edges', async () => {
    await using redis = await startRedis()
    await using one = await anEdge({ url: redis.url, aheadMs: 8000 })
    await using two = await anEdge({ url: redis.url, aheadMs: -8000 })
    await haveProbed(redis)
    let epochMs = await epochOf(redis)
    for (const edge of [one, two, two, one, two]) {
      await redis.command('FLUSHALL')
      await edge.send(edge.request())
      expect(await epochOf(redis)).toBeGreaterThanOrEqual(epochMs)
      epochMs = await epochOf(redis)
    }
  })

  it('is not lowered by a clock of Redis that was set back, and then lost its data', async () => {
    let setBackMs = 0
    await using redis = await startRedis()
    // A local clock that runs ahead by an hour is the same as a clock of Redis that was set back by an hour.
    await using edge = await anEdge({ url: redis.url, monotonicMs: () => performance.now() + setBackMs })
    const request = edge.request()
    expect(await edge.send(request)).toBe('reserved')
    setBackMs = 3_600_000
    await redis.command('FLUSHALL')
    expect(await edge.send(request)).toBe('reset')
    expect(await epochOf(redis)).toBeGreaterThan(request.timestampMs + 3_500_000)
  })

  it('is doubted when the clock of Redis is set forward, so that reservations expire before their time', async () => {
    let setBackMs = 0
    await using redis = await startRedis()
    await using edge = await anEdge({ url: redis.url, monotonicMs: () => performance.now() - setBackMs })
    const request = edge.request()
    expect(await edge.send(request)).toBe('reserved')
    setBackMs = 600_000
    // What the step does to the reservation.
    await redis.command('DEL', `gateway:replay:session:${request.id}`)
    expect(await edge.send(request).catch(() => 'refused')).not.toBe('reserved')
    await expect.poll(() => edge.send(edge.request()).catch(() => 'refused')).toBe('reserved')
  })

  it('begins when a replica takes over without the last reservations, under the same address', async () => {
    await using primary = await startRedis()
    await using replica = await startRedis()
    await using link = await startRedisLink(primary.url)
    await using edge = await anEdge({ url: link.url })
    await replica.command('REPLICAOF', '127.0.0.1', new URL(primary.url).port)
    await expect.poll(() => replica.command('EXISTS', 'gateway:replay:epoch')).toBe(1)
    await replica.command('REPLICAOF', 'NO', 'ONE')
    const request = await executed(edge)
    link.leadTo(replica.url)
    link.cut()
    await expect.poll(() => edge.send(request).catch(() => 'refused')).toBe('reset')
    await expect.poll(() => edge.send(edge.request())).toBe('reserved')
  })

  it('begins when the server that edges are connected to takes over the data of another, and is promoted again', async () => {
    await using redis = await startRedis()
    await using behind = await startRedis()
    await using edge = await anEdge({ url: redis.url })
    await behind.command('REPLICAOF', '127.0.0.1', new URL(redis.url).port)
    await expect.poll(() => behind.command('EXISTS', 'gateway:replay:epoch')).toBe(1)
    await behind.command('REPLICAOF', 'NO', 'ONE')
    const request = await executed(edge)
    await redis.command('REPLICAOF', '127.0.0.1', new URL(behind.url).port)
    const isGone = async () => (await redis.command('EXISTS', `gateway:replay:session:${request.id}`)) === 0
    await expect.poll(isGone).toBe(true)
    await redis.command('REPLICAOF', 'NO', 'ONE')
    await expect.poll(() => edge.send(edge.request()).catch(() => 'refused')).toBe('reserved')
    expect(await edge.send(request)).toBe('reset')
  })

  it('begins when Redis evicted while its policy let it', async () => {
    await using redis = await startRedis()
    await using edge = await anEdge({ url: redis.url })
    const request = edge.request()
    expect(await edge.send(request)).toBe('reserved')
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random')
    await redis.command('DEL', `gateway:replay:session:${request.id}`)
    await expect.poll(() => edge.store.ready()).toBe(false)
    expect(await edge.send(request).catch(() => 'refused')).toBe('refused')
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    await expect.poll(() => edge.store.ready()).toBe(true)
    expect(await edge.send(request)).toBe('reset')
    await expect.poll(() => edge.send(edge.request())).toBe('reserved')
  })

  it('is kept by an edge that starts while others run', async () => {
    await using redis = await startRedis()
    await using _one = await anEdge({ url: redis.url })
    const epochMs = await epochOf(redis)
    await using two = await anEdge({ url: redis.url })
    expect(await two.send(two.request())).toBe('reserved')
    expect(await epochOf(redis)).toBe(epochMs)
  })
})

describe('a reservation', () => {
  it.each([-30_000, -16_000, 16_000, 30_000])(
    'is kept for as long as an edge whose clock differs by %i ms would take the request (abuse 103)',
    async (aheadMs) => {
      await using redis = await startRedis()
      await using exact = await anEdge({ url: redis.url })
      await using other = await anEdge({ url: redis.url, aheadMs })
      // The reservation of a request that was executed when it was fresh is over by now.
      const request = { id: aRequestId(), timestampMs: (await redisTimeMs(redis)) - windowMs - marginMs - 1000 }
      await age(redis)
      for (const edge of [exact, other]) expect(['not fresh', 'stale']).toContain(await edge.send(request))
    },
  )

  it('is not made by an edge whose clock is an hour slow, for a device that goes by it', async () => {
    await using redis = await startRedis()
    await using edge = await anEdge({ url: redis.url, aheadMs: -3_600_000 })
    expect(await edge.send(edge.request())).toBe('reset')
  })
})

/** A request that was let through: a first replica begins another history of the data, and so an epoch. */
async function executed({ request, send }: Awaited<ReturnType<typeof anEdge>>) {
  let sent = request()
  await expect
    .poll(async () => {
      sent = request()
      return send(sent)
    })
    .toBe('reserved')
  return sent
}

/** Until every edge has asked since, and so knows how far ahead the others are. */
async function haveProbed(redis: TestRedis): Promise<void> {
  const probes = async () =>
    Number(/cmdstat_info:calls=(\d+)/.exec(String(await redis.command('INFO', 'commandstats')))?.[1])
  const before = await probes()
  await expect.poll(probes, { interval: 200 }).toBeGreaterThan(before + 20)
}

/** Makes the epoch as old as that of a Redis that has been running for long. */
async function age(redis: TestRedis): Promise<void> {
  const epoch = String(await redis.command('GET', 'gateway:replay:epoch'))
  await redis.command('SET', 'gateway:replay:epoch', epoch.replace(/^\d+/, '1'))
}
