import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { anEvent, at, liveHub, openStream, payloadOf } from './fixtures.ts'
import type { SessionStatus } from './session-watch.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

const clock = { now: () => new Date() }
const minuteMs = 60_000

/** Waits for the stream's next event; tells what it ended with instead. */
function endOf(stream: ReturnType<typeof openStream>): () => unknown {
  let end: unknown
  void stream.next().catch((error: unknown) => (end = error))
  return () => end
}

describe('a silent stream', () => {
  it('is told the time after 30 s, and again', async () => {
    const stream = openStream(liveHub({ clock }))
    await stream.next()
    for (const expected of [30_000, 60_000]) {
      const next = stream.next()
      await vi.advanceTimersByTimeAsync(30_000)
      const event = await next
      expect(event).toMatchObject({ eventType: 'gateway.server_time', timestampMs: BigInt(expected) })
      expect(payloadOf(event)).toEqual({ server_time_ms: expected })
    }
  })

  it('is one on which no event came for 30 s', async () => {
    const hub = liveHub({ clock })
    const stream = openStream(hub)
    await stream.next()
    const event = stream.next()
    await vi.advanceTimersByTimeAsync(20_000)
    hub.publish(anEvent(1))
    await event
    let time: unknown
    void stream.next().then((event) => (time = event.eventType))
    await vi.advanceTimersByTimeAsync(29_999)
    expect(time).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    expect(time).toBe('gateway.server_time')
  })

  it('can be resumed after the time it was told: what came since is sent', async () => {
    const hub = liveHub({ clock })
    const stream = openStream(hub)
    await stream.next()
    hub.publish(anEvent(1))
    await stream.next()
    const time = stream.next()
    await vi.advanceTimersByTimeAsync(30_000)
    const { eventId } = await time
    expect(eventId).toBe(`time-30000-${at(1).epoch}.1`)
    stream.leave()
    hub.publish(anEvent(2))
    const [first, missed] = await openStream(hub, { resumeAfter: eventId }).take(2)
    expect([first, missed].map((event) => event && payloadOf(event))).toEqual([
      { server_time_ms: 30_000, resumed: true },
      { n: 2 },
    ])
  })
})

describe('an old stream', () => {
  it.each([
    { random: 1, minutes: 360 },
    { random: 0, minutes: 324 },
  ])('ends after 6 h, or up to a tenth earlier ($minutes min)', async ({ random, minutes }) => {
    const hub = liveHub({ clock, random: () => random, limits: { keepAliveMs: 24 * 3_600_000 } })
    const stream = openStream(hub)
    await stream.next()
    const end = endOf(stream)
    await vi.advanceTimersByTimeAsync(minutes * minuteMs - 1)
    expect(end()).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    expect(end()).toMatchObject({ kind: 'unavailable', reason: 'stream_expired' })
  })
})

describe('the session of a stream', () => {
  /** A stream whose session is asked for; `answers` are given in order, the last one for ever. */
  async function watched(answers: Array<() => Promise<SessionStatus>>) {
    let asked = 0
    const sessionStatus = async () => {
      asked += 1
      return (answers.length > 1 ? answers.shift() : answers[0])?.() ?? 'active'
    }
    const hub = liveHub({ clock, sessionStatus, random: () => 0.5, limits: { keepAliveMs: 24 * 3_600_000 } })
    const stream = openStream(hub)
    await stream.next()
    return { stream, hub, asked: () => asked }
  }

  const active = async () => 'active' as const
  const gone = () => Promise.reject(new Error('backend down'))

  it.each([
    { status: 'revoked' as const, kind: 'precondition', reason: 'session_revoked' },
    { status: 'unknown' as const, kind: 'unauthenticated', reason: 'unknown_session' },
  ])('is asked for every 5 min; when it is $status the stream ends (abuse 34)', async ({ status, kind, reason }) => {
    const { stream } = await watched([active, active, async () => status])
    const end = endOf(stream)
    await vi.advanceTimersByTimeAsync(10 * minuteMs - 1)
    expect(end()).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    expect(end()).toMatchObject({ kind, reason })
  })

  it('may not be there to be asked for: the stream goes on, and it is asked for again', async () => {
    const { stream, hub, asked } = await watched([active, gone, gone, active])
    await vi.advanceTimersByTimeAsync(16 * minuteMs)
    expect(asked()).toBe(4)
    hub.publish(anEvent(1))
    expect(payloadOf(await stream.next())).toEqual({ n: 1 })
  })

  it('is asked for no more once the client is gone', async () => {
    const { stream, asked } = await watched([active])
    stream.leave()
    await vi.advanceTimersByTimeAsync(60 * minuteMs)
    expect([asked(), vi.getTimerCount()]).toEqual([1, 0])
  })
})
