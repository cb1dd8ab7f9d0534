import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anEvent, at, countingSigner, liveHub, openStream, payloadOf } from './fixtures.ts'
import type { HubLimits } from './limits.ts'

const revoked = { kind: 'precondition', reason: 'session_revoked' }

describe('a stream', () => {
  it('begins with the time, and every event on it names the request that opened it', async () => {
    const hub = liveHub()
    const stream = openStream(hub)
    hub.publish(anEvent(1, { traceId: 'cause' }))
    const [time, event] = await stream.take(2)
    expect(time).toMatchObject({ eventType: 'gateway.server_time', requestId: 'request', traceId: 'trace' })
    expect(time && payloadOf(time)).toEqual({ server_time_ms: Date.parse('2026-11-21T10:00:00Z') })
    expect(event).toMatchObject({
      eventType: 'game.paused',
      eventId: `${at(1).epoch}.1`,
      timestampMs: 1001n,
      requestId: 'request',
      traceId: 'cause',
      keyId: 'key',
    })
    expect(event && payloadOf(event)).toEqual({ n: 1 })
  })

  it('gets what is published before its first event is read (abuse 76, G61)', async () => {
    const hub = liveHub()
    const stream = openStream(hub)
    hub.publish(anEvent(1))
    hub.publish(anEvent(2))
    expect((await stream.take(3)).slice(1).map(payloadOf)).toEqual([{ n: 1 }, { n: 2 }])
  })

  it('gets each event signed once, however many streams it goes to, and not at all for nobody', async () => {
    const signer = countingSigner()
    const hub = liveHub({ signer })
    const streams = ['a', 'b', 'c'].map((deviceSessionId) => openStream(hub, { deviceSessionId }))
    await Promise.all(streams.map((stream) => stream.next()))
    const before = signer.signed()
    hub.publish(anEvent(1))
    hub.publish(anEvent(2, { userId: 'nobody' }))
    const events = await Promise.all(streams.map((stream) => stream.next()))
    expect(signer.signed() - before).toBe(1)
    expect(new Set(events.map(({ signature }) => signature[0])).size).toBe(1)
  })
})

describe('who gets an event', () => {
  const place = fc.record({ user: fc.nat(3), session: fc.nat(2) })
  const target = fc.record({ user: fc.nat(3), session: fc.option(fc.nat(2), { nil: undefined }) })
  const step = fc.oneof({ weight: 5, arbitrary: target }, { weight: 1, arbitrary: fc.record({ leaves: fc.nat(11) }) })
  const sessionOf = (user: number, session: number) => `u${user}-s${session}`
  const lastOne = 1000

  it('is its user on every device, or its device, and never anybody else (abuse 75)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(place, { maxLength: 12 }), fc.array(step, { maxLength: 40 }), async (places, steps) => {
        const hub = liveHub({ limits: { streamsPerSession: 12, streamsPerUser: 12 } })
        const readers = places.map(({ user, session }) => ({
          user,
          session,
          stream: openStream(hub, { userId: `u${user}`, deviceSessionId: sessionOf(user, session) }),
          due: new Array<number>(),
          left: false,
        }))
        for (const [index, step] of steps.entries()) {
          const leaver = 'leaves' in step ? readers[step.leaves] : undefined
          leaver?.stream.leave()
          if (leaver) leaver.left = true
          if ('leaves' in step) continue
          const { user, session } = step
          const deviceSessionId = session === undefined ? undefined : sessionOf(user, session)
          hub.publish(anEvent(index + 1, { userId: `u${user}`, deviceSessionId }))
          for (const reader of readers)
            if (reader.user === user && (session ?? reader.session) === reader.session) reader.due.push(index + 1)
        }
        for (const user of [0, 1, 2, 3]) hub.publish(anEvent(lastOne + user, { userId: `u${user}` }))
        for (const { user, stream, due } of readers.filter(({ left }) => !left)) {
          const events = await stream.take(1 + due.length + 1)
          expect(events.slice(1).map(payloadOf)).toEqual([...due, lastOne + user].map((n) => ({ n })))
        }
      }),
    )
  })

  it('is unchanged by another device that signs out (abuse 75)', async () => {
    const hub = liveHub()
    const laptop = openStream(hub, { deviceSessionId: 'laptop' })
    const phone = openStream(hub, { deviceSessionId: 'phone' })
    hub.revokeDeviceSession('ada', 'phone')
    hub.publish(anEvent(1))
    expect((await laptop.take(2)).slice(1).map(payloadOf)).toEqual([{ n: 1 }])
    await phone.next()
    await expect(phone.next()).rejects.toMatchObject(revoked)
  })
})

describe('a revocation', () => {
  it('ends the session’s streams, and nothing comes after it, not even what was waiting (abuse 33)', async () => {
    const hub = liveHub()
    const stream = openStream(hub)
    await stream.next()
    hub.publish(anEvent(1))
    hub.publish(anEvent(2))
    expect(payloadOf(await stream.next())).toEqual({ n: 1 })
    hub.revokeDeviceSession('ada', 'laptop')
    hub.publish(anEvent(3))
    await expect(stream.next()).rejects.toMatchObject(revoked)
  })

  it('reaches a stream that waits for its next event (abuse 33)', async () => {
    const hub = liveHub()
    const stream = openStream(hub)
    await stream.next()
    const next = stream.next()
    hub.revokeDeviceSession('ada', 'laptop')
    await expect(next).rejects.toMatchObject(revoked)
  })

  it('of all of a user’s sessions leaves other users alone', async () => {
    const hub = liveHub()
    const own = ['a', 'b'].map((deviceSessionId) => openStream(hub, { deviceSessionId }))
    const other = openStream(hub, { userId: 'bob', deviceSessionId: 'c' })
    await Promise.all([...own, other].map((stream) => stream.next()))
    hub.revokeAllForUser('ada')
    for (const stream of own) await expect(stream.next()).rejects.toMatchObject(revoked)
    hub.publish(anEvent(1, { userId: 'bob' }))
    expect(payloadOf(await other.next())).toEqual({ n: 1 })
  })

  it('that came between the look-up of the session and its stream ends the stream all the same', async () => {
    const hub = liveHub({ sessionStatus: async () => 'revoked' })
    const stream = openStream(hub)
    await stream.next()
    await expect(stream.next()).rejects.toMatchObject(revoked)
  })
})

describe('a client that does not read', () => {
  const limits: Partial<HubLimits> = { queueEvents: 10, queueBytes: 100_000 }

  it('is cut when its queue is full, while others get every event (abuse 73)', async () => {
    const hub = liveHub({ limits })
    const slow = openStream(hub, { deviceSessionId: 'slow' })
    const quick = openStream(hub, { deviceSessionId: 'quick' })
    await Promise.all([slow.next(), quick.next()])
    for (let n = 1; n <= 10_000; n += 1) {
      hub.publish(anEvent(n))
      expect(payloadOf(await quick.next())).toEqual({ n })
    }
    await expect(slow.next()).rejects.toMatchObject({ kind: 'throttled', reason: 'slow_reader' })
  })

  it('is cut by the size of what waits, too', async () => {
    const hub = liveHub({ limits })
    const stream = openStream(hub)
    await stream.next()
    const payload = new Uint8Array(30_000)
    for (let n = 1; n <= 4; n += 1) hub.publish(anEvent(n, { payload }))
    await expect(stream.next()).rejects.toMatchObject({ reason: 'slow_reader' })
  })

  it('counts among its user’s streams until its call is over, so that it cannot pile them up', async () => {
    const hub = liveHub({ limits: { queueEvents: 1, streamsPerSession: 1 } })
    const stream = openStream(hub)
    await stream.next()
    for (let n = 1; n <= 3; n += 1) hub.publish(anEvent(n))
    expect(() => openStream(hub)).toThrow('too many open streams')
    await expect(stream.next()).rejects.toMatchObject({ reason: 'slow_reader' })
    expect(() => openStream(hub)).not.toThrow()
  })
})

describe('the number of streams (abuse 74)', () => {
  const full = { kind: 'throttled', reason: 'too_many_streams' }
  const opened = (hub: ReturnType<typeof liveHub>, opening: Parameters<typeof openStream>[1]) => {
    try {
      return openStream(hub, opening)
    } catch (error) {
      return error
    }
  }

  it('is at most 3 for a session and 10 for a user', () => {
    const hub = liveHub()
    for (let n = 0; n < 3; n += 1) openStream(hub, { deviceSessionId: 's0' })
    expect(opened(hub, { deviceSessionId: 's0' })).toMatchObject(full)
    for (let n = 3; n < 10; n += 1) openStream(hub, { deviceSessionId: `s${n}` })
    expect(opened(hub, { deviceSessionId: 's99' })).toMatchObject(full)
    expect(opened(hub, { userId: 'bob', deviceSessionId: 'b' })).not.toMatchObject(full)
  })

  it('goes down when a client leaves, and when a call is finished', async () => {
    const hub = liveHub({ limits: { streamsPerSession: 1 } })
    openStream(hub).leave()
    const stream = openStream(hub)
    expect(opened(hub, {})).toMatchObject(full)
    await stream.next()
    await stream.finish()
    expect(opened(hub, {})).not.toMatchObject(full)
  })

  it('is not touched by a client that was gone before its stream was opened', () => {
    const hub = liveHub({ limits: { streamsPerSession: 1 } })
    const opening = { userId: 'ada', deviceSessionId: 'laptop', requestId: 'r', traceId: 't' }
    hub.open({ ...opening, signal: AbortSignal.abort() })
    expect(opened(hub, {})).not.toMatchObject(full)
  })
})

describe('the hub', () => {
  it('opens no stream before it is live', () => {
    const hub = liveHub()
    hub.suspend()
    expect(hub.isLive()).toBe(false)
    expect(() => openStream(hub)).toThrow(expect.objectContaining({ kind: 'unavailable', reason: 'push_unavailable' }))
    hub.goLive()
    expect(() => openStream(hub)).not.toThrow()
  })

  it.each(['suspend', 'resync'] as const)('ends every stream when it is told to %s (abuse 34)', async (how) => {
    const hub = liveHub()
    const streams = [openStream(hub), openStream(hub, { userId: 'bob', deviceSessionId: 'b' })]
    await Promise.all(streams.map((stream) => stream.next()))
    hub[how]()
    for (const stream of streams)
      await expect(stream.next()).rejects.toMatchObject({ kind: 'unavailable', reason: 'resync_required' })
  })

  it('ends every stream when it closes, and opens none any more (abuse 81)', async () => {
    const hub = liveHub()
    const stream = openStream(hub)
    await stream.next()
    const next = stream.next()
    hub.close()
    await expect(next).rejects.toMatchObject({ kind: 'unavailable', reason: 'shutting_down' })
    hub.goLive()
    expect(() => openStream(hub)).toThrow(expect.objectContaining({ reason: 'shutting_down' }))
  })
})
