import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRedis, type TestRedis } from '../../../test/support/redis.ts'
import { type RedisLink, startRedisLink } from '../../../test/support/redis-link.ts'
import { silentLog } from '../../platform/log.ts'
import { connectReplayStore } from './redis-replay-store.ts'
import { aRequestId, signedNow } from './replay-contract.ts'
import type { ReplayStore } from './replay-store.ts'

const unavailable = { kind: 'unavailable', reason: 'replay_store_unavailable' }

/** Keeps the event loop of this process busy. */
function block(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}

describe('a reservation', () => {
  let redis: TestRedis
  let link: RedisLink
  let store: ReplayStore
  let other: ReplayStore
  beforeAll(async () => {
    redis = await startRedis()
    link = await startRedisLink(redis.url)
    store = await connectReplayStore({ url: link.url, log: silentLog })
    other = await connectReplayStore({ url: redis.url, log: silentLog })
  })
  afterAll(async () => {
    await store[Symbol.asyncDispose]()
    await other[Symbol.asyncDispose]()
    await link[Symbol.asyncDispose]()
    await redis[Symbol.asyncDispose]()
  })

  const reserve = (request: string, by = store) => by.reserve('session', request, signedNow())
  const keyOf = (request: string) => `gateway:replay:session:${request}`
  const exists = (request: string) => redis.command('EXISTS', keyOf(request))
  /** A request that was refused, although Redis had reserved it before. */
  async function refusedThoughReserved(lose: () => void): Promise<string> {
    const request = aRequestId()
    link.holdReplies()
    const refused = reserve(request)
    refused.catch(() => undefined)
    await expect.poll(() => exists(request)).toBe(1)
    lose()
    await expect(refused).rejects.toMatchObject(unavailable)
    return request
  }
  const connected = () => expect.poll(() => reserve(aRequestId()).catch(String)).toBe('reserved')

  it('is made though the edge itself has no time to read the answer (abuse 101)', async () => {
    for (const busyMs of [300, 700, 1500]) {
      const reservations = Array.from({ length: 20 }, () => reserve(aRequestId()))
      block(busyMs)
      expect(new Set(await Promise.all(reservations))).toEqual(new Set(['reserved']))
    }
    expect(store.ready()).toBe(true)
  })

  it('of a request that was refused is released when its answer arrives late', async () => {
    const request = await refusedThoughReserved(() => undefined)
    link.giveReplies()
    await expect.poll(() => exists(request)).toBe(0)
    expect(await reserve(request, other)).toBe('reserved')
    expect(await reserve(request)).toBe('replayed')
    await connected()
  })

  it('of a request that was refused is taken over by the same request, sent again at once', async () => {
    const request = await refusedThoughReserved(() => undefined)
    const again = [reserve(request), reserve(request)]
    link.giveReplies()
    expect((await Promise.all(again)).toSorted()).toEqual(['replayed', 'reserved'])
    // The release of the first attempt has come and gone: it leaves the reservation of the second.
    await connected()
    expect(await reserve(request, other)).toBe('replayed')
  })

  it('whose answer is lost with the connection is released after the next one is made', async () => {
    const request = await refusedThoughReserved(link.cut)
    await expect.poll(() => exists(request)).toBe(0)
    expect(await reserve(request, other)).toBe('reserved')
    await connected()
  })

  it('that Redis comes to only after the edge has given up is not made', async () => {
    const request = aRequestId()
    redis.freeze()
    await expect(reserve(request)).rejects.toMatchObject(unavailable)
    redis.thaw()
    await connected()
    expect(await exists(request)).toBe(0)
    expect(await reserve(request, other)).toBe('reserved')
  })

  it('is not held by many refused attempts of one request: exactly one execution comes of them', async () => {
    const request = aRequestId()
    const outcomes: string[] = []
    for (let round = 0; round < 8; round += 1) {
      if (round % 2 === 0) link.holdReplies()
      const attempts = [store, other].map((each) => reserve(request, each).catch(() => 'refused'))
      if (round % 4 === 0) await expect.poll(() => exists(request)).toBe(1)
      if (round % 4 === 2) link.cut()
      else setTimeout(link.giveReplies, 20)
      outcomes.push(...(await Promise.all(attempts)))
    }
    link.giveReplies()
    await connected()
    outcomes.push(await reserve(request))
    expect(outcomes.filter((outcome) => outcome === 'reserved')).toHaveLength(1)
  })
})
