import { describe, expect, it } from 'vitest'
import { checkFreshness } from './freshness.ts'
import { aGateway, aRequest, noon, unsigned, windowMs } from './fixtures.ts'

const reasonAt = (timestampMs: bigint) => {
  try {
    checkFreshness(unsigned({ timestampMs }), noon, windowMs)
    return 'fresh'
  } catch (refusal) {
    return refusal
  }
}

describe('a request', () => {
  it.each([-60_000, -59_999, 0, 59_999, 60_000])('that is %i ms away from now is fresh (abuse 21)', (offMs) => {
    expect(reasonAt(BigInt(noon.getTime() + offMs))).toBe('fresh')
  })

  it.each([
    { timestampMs: BigInt(noon.getTime() - 60_001), reason: 'stale_request' },
    { timestampMs: BigInt(noon.getTime() - 61_000), reason: 'stale_request' },
    { timestampMs: 0n, reason: 'stale_request' },
    { timestampMs: -1n, reason: 'stale_request' },
    { timestampMs: -(2n ** 63n), reason: 'stale_request' },
    { timestampMs: BigInt(noon.getTime() + 60_001), reason: 'request_from_future' },
    { timestampMs: BigInt(noon.getTime() + 61_000), reason: 'request_from_future' },
    { timestampMs: 2n ** 63n - 1n, reason: 'request_from_future' },
  ])('of $timestampMs is refused with $reason and the time here (abuse 21)', ({ timestampMs, reason }) => {
    expect(reasonAt(timestampMs)).toMatchObject({ reason, details: { server_time_ms: noon.getTime() } })
  })
})

describe('a request from the future', () => {
  it('stays reserved until it is stale (abuse 25)', async () => {
    let nowMs = noon.getTime()
    const gateway = aGateway({ now: () => new Date(nowMs) })
    const request = aRequest({ timestampMs: BigInt(nowMs + 59_000) })
    await gateway.authenticate(request)
    nowMs += 119_000
    await expect(gateway.authenticate(request)).rejects.toMatchObject({ reason: 'replayed_request' })
    nowMs += 1
    await expect(gateway.authenticate(request)).rejects.toMatchObject({ reason: 'stale_request' })
  })

  it('stays reserved for another gateway whose clock is slow', async () => {
    let nowMs = noon.getTime()
    const gateway = aGateway({ now: () => new Date(nowMs) })
    const request = aRequest()
    await gateway.authenticate(request)
    nowMs += 60_000
    await expect(gateway.authenticate(request)).rejects.toMatchObject({ reason: 'replayed_request' })
  })
})

describe('a gateway whose clock jumps', () => {
  it.each([-300_000, 300_000])('by %i ms refuses what is signed by the right time (abuse 27)', async (jumpMs) => {
    const gateway = aGateway({ now: () => new Date(noon.getTime() + jumpMs) })
    await expect(gateway.authenticate(aRequest())).rejects.toMatchObject({
      reason: jumpMs > 0 ? 'stale_request' : 'request_from_future',
      details: { server_time_ms: noon.getTime() + jumpMs },
    })
  })
})

describe('one request sent a hundred times at once', () => {
  it('is let through once (abuse 22)', async () => {
    const gateway = aGateway()
    const request = aRequest()
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => gateway.authenticate(request)))
    const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason.reason] : []))
    expect(refused).toEqual(Array.from({ length: 99 }, () => 'replayed_request'))
  })
})
