import { describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { createMemoryReplayStore } from './memory-replay-store.ts'
import { aRequestId, replayContract, signedNow } from './replay-contract.ts'

replayContract('memory', async () => {
  const store = createMemoryReplayStore({ clock: systemClock })
  return { store, dispose: async () => store[Symbol.asyncDispose]() }
})

describe('a full replay store in memory', () => {
  it('lets nothing new through until a reservation expires', async () => {
    const started = new Date('2026-03-01T12:00:00Z')
    const store = createMemoryReplayStore({ clock: { now: () => started }, maxReservations: 2 })
    const at = (afterMs: number) => {
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
