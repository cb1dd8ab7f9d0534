import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReplayStore } from './replay-store.ts'

export type ReplayStoreUnderTest = {
  /** Just opened, and empty. */
  store: ReplayStore
  dispose: () => Promise<void>
}

let requests = 0

/** A request id that no other test uses. */
export function aRequestId(): string {
  requests += 1
  return `request-${process.pid}-${requests}`.padEnd(16, '-')
}

/** A request that is signed and arrives now. */
export function signedNow(ttlMs = 60_000) {
  const now = new Date()
  return { timestampMs: now.getTime(), now, ttlMs }
}

/** The one suite that every driver passes. */
export function replayContract(name: string, setUp: () => Promise<ReplayStoreUnderTest>): void {
  describe(`a replay store in ${name}`, () => {
    let under: ReplayStoreUnderTest
    beforeAll(async () => {
      under = await setUp()
    })
    afterAll(() => under.dispose())

    const reserve = (session: string, request: string, times = signedNow()) =>
      under.store.reserve(session, request, times)

    it('is ready', async () => {
      expect(under.store.ready()).toBe(true)
    })

    it('reserves a request once', async () => {
      const request = aRequestId()
      expect(await reserve('a', request)).toBe('reserved')
      expect(await reserve('a', request)).toBe('replayed')
      expect(await reserve('a', request)).toBe('replayed')
    })

    it('lets exactly one of a hundred at once through (abuse 22)', async () => {
      const request = aRequestId()
      const answers = await Promise.all(Array.from({ length: 100 }, () => reserve('a', request)))
      expect(answers.filter((answer) => answer === 'reserved')).toHaveLength(1)
      expect(answers.filter((answer) => answer === 'replayed')).toHaveLength(99)
    })

    it('keeps the request ids of sessions apart (abuse 23)', async () => {
      const request = aRequestId()
      expect(await reserve('a', request)).toBe('reserved')
      expect(await reserve('b', request)).toBe('reserved')
    })

    it('forgets a reservation when its time is over, and not before', async () => {
      const [short, long] = [aRequestId(), aRequestId()]
      await reserve('a', short, signedNow(300))
      await reserve('a', long)
      expect(await reserve('a', short)).toBe('replayed')
      await expect.poll(() => reserve('a', short, signedNow(300)), { timeout: 20_000 }).toBe('reserved')
      expect(await reserve('a', long)).toBe('replayed')
    })

    it('refuses a request that is older than itself (abuse 24)', async () => {
      const request = aRequestId()
      const times = signedNow()
      expect(await reserve('a', request, { ...times, timestampMs: times.timestampMs - 30_000 })).toBe('reset')
      expect(await reserve('a', request, times)).toBe('reserved')
    })
  })
}
