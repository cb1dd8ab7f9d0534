import { describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { createMemoryReplayStore } from './memory-replay-store.ts'
import { aRequestId, replayContract, signedNow } from './replay-contract.ts'

replayContract('memory', async () => {
  const store = createMemoryReplayStore({ clock: systemClock })
  return { store, dispose: async () => store[Symbol.asyncDispose]() }
})

describe('a replay store in memory when the clock is set', () => {
  it('back by an hour goes on (abuse 27)', async () => {
    const store = createMemoryReplayStore({ clock: systemClock })
    const now = new Date(Date.now() - 3_600_000)
    const times = { timestampMs: now.getTime(), now, ttlMs: 60_000 }
    const request = aRequestId()
    expect(await store.reserve('a', request, times)).toBe('reserved')
    expect(await store.reserve('a', request, times)).toBe('replayed')
  })

  it.each([
    { what: 'forward by 12 h and back again', clocksMs: [43_200_000, 10_000], elapsedMs: 10_000 },
    { what: 'back by 30 s, with the request fresh for longer', clocksMs: [45_000], elapsedMs: 75_000 },
  ])('$what keeps a reservation for as long as its request is fresh', async ({ clocksMs, elapsedMs }) => {
    const started = Date.parse('2026-03-01T12:00:00Z')
    let local = 0
    const clock = { now: () => new Date(started) }
    const store = createMemoryReplayStore({ clock, monotonicMs: () => local })
    const at = (ms: number) => ({ timestampMs: started + ms, now: new Date(started + ms), ttlMs: 70_000 })
    const request = aRequestId()
    expect(await store.reserve('a', request, at(0))).toBe('reserved')
    local = elapsedMs
    for (const clockMs of clocksMs) await store.reserve('a', aRequestId(), at(clockMs))
    const again = { ...at(clocksMs.at(-1) ?? 0), timestampMs: started }
    expect(await store.reserve('a', request, again)).toBe('replayed')
  })
})

describe('a full replay store in memory', () => {
  it('lets nothing new through until a reservation expires', async () => {
    const started = new Date('2026-03-01T12:00:00Z')
    let local = 0
    const clock = { now: () => started }
    const store = createMemoryReplayStore({ clock, maxReservations: 2, monotonicMs: () => local })
    const at = (afterMs: number) => {
      local = afterMs
      const now = new Date(started.getTime() + afterMs)
      return { timestampMs: now.getTime(), now, ttlMs: 60_000 }
    }
    await store.reserve('a', aRequestId(), at(0))
    await store.reserve('a', aRequestId(), at(1000))
    await expect(store.reserve('a', aRequestId(), at(30_000))).rejects.toMatchObject({
      kind: 'unavailable',
      reason: 'replay_store_unavailable',
    })
    expect(await store.reserve('a', aRequestId(), at(60_500))).toBe('reserved')
  })
})

describe('a replay store in memory after a restart', () => {
  it('refuses what was signed before it started (abuse 24)', async () => {
    const before = signedNow()
    const clock = { now: () => new Date(before.timestampMs + 1) }
    const store = createMemoryReplayStore({ clock })
    expect(await store.reserve('a', aRequestId(), { ...before, now: clock.now() })).toBe('reset')
  })
})
