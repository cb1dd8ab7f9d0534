import { describe, expect, it } from 'vitest'
import { anEvent, at, epoch, liveHub, openStream, payloadOf } from './fixtures.ts'

type Hub = ReturnType<typeof liveHub>

/** What a client that comes back is told: whether it is resumed, and what it is sent before anything new. */
async function comeBack(hub: Hub, resumeAfter: string | undefined, count: number) {
  const stream = openStream(hub, resumeAfter === undefined ? {} : { resumeAfter })
  const events = await stream.take(1 + count)
  stream.leave()
  const [time, ...missed] = events.map(payloadOf)
  return {
    resumed: (time as { resumed?: boolean }).resumed,
    missed: missed.map((payload) => (payload as { n: number }).n),
  }
}

describe('a client that comes back', () => {
  it('is sent what it has missed, in order, and nothing of anybody else’s', async () => {
    const hub = liveHub()
    hub.publish(anEvent(1))
    hub.publish(anEvent(2, { userId: 'bob' }))
    hub.publish(anEvent(3))
    hub.publish(anEvent(4, { deviceSessionId: 'phone' }))
    hub.publish(anEvent(5, { deviceSessionId: 'laptop' }))
    expect(await comeBack(hub, `${epoch}.1`, 2)).toEqual({ resumed: true, missed: [3, 5] })
    expect(await comeBack(hub, `${epoch}.5`, 0)).toEqual({ resumed: true, missed: [] })
  })

  it('gets what is missed and what is new without a gap between', async () => {
    const hub = liveHub()
    hub.publish(anEvent(1))
    hub.publish(anEvent(2))
    const stream = openStream(hub, { resumeAfter: `${epoch}.1` })
    hub.publish(anEvent(3))
    expect((await stream.take(3)).slice(1).map(payloadOf)).toEqual([{ n: 2 }, { n: 3 }])
  })

  it('is resumed after a restart of the gateway, from what the api still holds', async () => {
    const hub = liveHub()
    for (const n of [1, 2, 3]) hub.publish(anEvent(n))
    expect(await comeBack(hub, `${epoch}.2`, 1)).toEqual({ resumed: true, missed: [3] })
  })

  it('is told nothing about resuming when it names no place', async () => {
    expect(await comeBack(liveHub(), undefined, 0)).toEqual({ resumed: undefined, missed: [] })
  })

  it.each([
    { what: 'nonsense', place: 'nonsense' },
    { what: 'of another epoch', place: '00000000-0000-4000-8000-000000000000.3' },
    { what: 'ahead of what there is', place: `${epoch}.99` },
    { what: 'older than what is held', place: `${epoch}.1` },
    { what: 'the time, from before anything was known', place: 'time-1000-0' },
  ])('is told to fetch again when its place is $what', async ({ place }) => {
    const hub = liveHub({ limits: { heldEvents: 2 } })
    for (const n of [1, 2, 3, 4]) hub.publish(anEvent(n))
    expect(await comeBack(hub, place, 0)).toEqual({ resumed: false, missed: [] })
    expect(await comeBack(hub, `${epoch}.2`, 2)).toEqual({ resumed: true, missed: [3, 4] })
  })

  it('is told to fetch again when it has missed more than fits into its queue', async () => {
    const hub = liveHub({ limits: { queueEvents: 3 } })
    for (const n of [1, 2, 3, 4, 5]) hub.publish(anEvent(n))
    expect(await comeBack(hub, `${epoch}.1`, 0)).toEqual({ resumed: false, missed: [] })
    expect(await comeBack(hub, `${epoch}.2`, 3)).toEqual({ resumed: true, missed: [3, 4, 5] })
  })

  it('is told to fetch again after events were lost on the way to the gateway', async () => {
    const hub = liveHub()
    hub.publish(anEvent(1))
    hub.resync()
    hub.moveTo(at(9))
    hub.goLive()
    hub.publish(anEvent(10))
    expect(await comeBack(hub, `${epoch}.1`, 0)).toEqual({ resumed: false, missed: [] })
    expect(await comeBack(hub, `${epoch}.9`, 1)).toEqual({ resumed: true, missed: [10] })
  })

  it('is resumed after an outage in which nothing was lost', async () => {
    const hub = liveHub()
    hub.publish(anEvent(1))
    hub.suspend()
    hub.publish(anEvent(2))
    hub.goLive()
    expect(await comeBack(hub, `${epoch}.1`, 1)).toEqual({ resumed: true, missed: [2] })
  })

  it('that was cut while it was sent what it missed is sent nothing more (abuse 33)', async () => {
    const hub = liveHub()
    for (const n of [1, 2, 3]) hub.publish(anEvent(n))
    const stream = openStream(hub, { resumeAfter: `${epoch}.0` })
    await stream.take(2)
    hub.revokeDeviceSession('ada', 'laptop')
    await expect(stream.next()).rejects.toMatchObject({ reason: 'session_revoked' })
  })
})
