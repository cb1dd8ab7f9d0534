import { describe, expect, it } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { systemClock } from '../../platform/clock.ts'
import { silentLog } from '../../platform/log.ts'
import type { PushEvent } from '../../gen/galaxy/push/v1/push_pb.ts'
import {
  at,
  epoch,
  eventKind,
  frame,
  gap,
  liveHub,
  openStream,
  payloadOf,
  position,
  startPushServer,
} from './fixtures.ts'
import { createPushClient, type PushTiming } from './push-client.ts'

const quick: PushTiming = { backoff: { baseMs: 1, maxMs: 20 }, silenceMs: 5_000, trustMs: 10_000 }

/** The api's history, with everybody who listens. */
function aHistory() {
  const events: PushEvent[] = []
  const wakes = new Set<() => void>()
  return {
    add(count = 1): void {
      for (let n = 0; n < count; n += 1) events.push(frame(at(events.length + 1), eventKind('ada', events.length + 1)))
      for (const wake of wakes) wake()
    },
    async *from(start: number, signal: AbortSignal): AsyncGenerator<PushEvent> {
      let sent = start
      yield position(at(sent), false)
      let caughtUp = false
      while (!signal.aborted) {
        const next = events[sent]
        if (next) {
          sent += 1
          yield next
        } else if (!caughtUp) {
          caughtUp = true
          yield position(at(sent), true)
        } else {
          await new Promise<void>((resolve) => {
            wakes.add(resolve)
            signal.addEventListener('abort', () => resolve())
          })
        }
      }
    },
  }
}

const placeOf = (cursor: string) => Number(cursor.split('.')[1] ?? 0)

/** A started client on a hub that nothing else has made live. */
function startClient(url: string, timing: PushTiming = quick) {
  const hub = liveHub()
  hub.suspend()
  const client = createPushClient({ url, serviceToken: 'secret', hub, clock: systemClock, log: silentLog, timing })
  client.start()
  return { hub, client, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() }
}

const forEver = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))

describe('the push client', () => {
  it('brings events of the api to streams, and shows the service credential (G26)', async () => {
    const history = aHistory()
    await using server = await startPushServer((cursor, signal) => history.from(placeOf(cursor), signal))
    await using edge = startClient(server.url)
    await eventually(edge.client.isOpen)
    const stream = openStream(edge.hub)
    await stream.next()
    history.add()
    expect(payloadOf(await stream.next())).toEqual({ n: 1 })
    expect([server.subscriptions, server.credentials]).toEqual([[''], ['Bearer secret']])
  })

  it('goes on where it was after the api was gone: nothing is lost, nothing comes twice (abuse 77)', async () => {
    const history = aHistory()
    await using server = await startPushServer((cursor, signal) => history.from(placeOf(cursor), signal))
    await using edge = startClient(server.url)
    await eventually(edge.client.isOpen)
    const stream = openStream(edge.hub)
    await stream.next()
    history.add(2)
    const before = await stream.take(2)
    await server.stop()
    await eventually(() => !edge.client.isOpen())
    history.add(3)
    await server.start()
    const after = await stream.take(3)
    expect([...before, ...after].map(payloadOf)).toEqual([1, 2, 3, 4, 5].map((n) => ({ n })))
    expect(server.subscriptions).toEqual(['', `${epoch}.2`])
  })

  it('lets clients of a gateway that was started again resume from what the api holds', async () => {
    const history = aHistory()
    history.add(3)
    await using server = await startPushServer((cursor, signal) => history.from(placeOf(cursor), signal))
    await using edge = startClient(server.url)
    await eventually(edge.client.isOpen)
    const stream = openStream(edge.hub, { resumeAfter: `${epoch}.1` })
    expect((await stream.take(3)).slice(1).map(payloadOf)).toEqual([{ n: 2 }, { n: 3 }])
  })

  it.each([
    { what: 'a gap', answer: [gap(at(9)), position(at(9), true)] },
    {
      what: 'another epoch',
      answer: [position({ epoch: '00000000-0000-4000-8000-000000000000', position: 1 }, true)],
    },
    { what: 'a position from before', answer: [position(at(2), true)] },
    { what: 'an event that it has seen', answer: [frame(at(5), eventKind('ada', 5)), position(at(5), true)] },
  ])('has every stream start over after $what, and serves on (abuse 34, 77)', async ({ answer }) => {
    const firstEnds = Promise.withResolvers<void>()
    await using server = await startPushServer(async function* script(cursor, signal) {
      yield* cursor === '' ? [position(at(5), true)] : answer
      await (cursor === '' ? firstEnds.promise : forEver(signal))
    })
    await using edge = startClient(server.url)
    await eventually(edge.client.isOpen)
    const stream = openStream(edge.hub)
    await stream.next()
    firstEnds.resolve()
    await expect(stream.next()).rejects.toMatchObject({ kind: 'unavailable', reason: 'resync_required' })
    await eventually(edge.client.isOpen)
    expect(() => openStream(edge.hub)).not.toThrow()
  })

  it('leaves streams open through a short break, and ends them when it lasts (abuse 34)', async () => {
    const history = aHistory()
    await using server = await startPushServer((cursor, signal) => history.from(placeOf(cursor), signal))
    await using edge = startClient(server.url, { ...quick, trustMs: 400 })
    await eventually(edge.client.isOpen)
    const stream = openStream(edge.hub)
    await stream.next()
    await server.stop()
    await eventually(() => !edge.client.isOpen())
    expect(edge.hub.isLive()).toBe(true)
    await expect(stream.next()).rejects.toMatchObject({ kind: 'unavailable', reason: 'resync_required' })
    expect(() => openStream(edge.hub)).toThrow(expect.objectContaining({ reason: 'push_unavailable' }))
    await server.start()
    await eventually(edge.client.isOpen)
    expect(() => openStream(edge.hub)).not.toThrow()
  })

  it('takes a stream that is silent for dead, and opens another', async () => {
    const history = aHistory()
    let streams = 0
    await using server = await startPushServer(async function* script(cursor, signal) {
      streams += 1
      if (streams > 1) return yield* history.from(placeOf(cursor), signal)
      yield position(at(0), true)
      await forEver(signal)
    })
    await using edge = startClient(server.url, { ...quick, silenceMs: 100 })
    await eventually(() => streams > 1)
    await eventually(edge.client.isOpen)
    expect(server.subscriptions).toEqual(['', `${epoch}.0`])
  })

  it('does not let clients in before it has caught up', async () => {
    const mayCatchUp = Promise.withResolvers<void>()
    await using server = await startPushServer(async function* script(_cursor, signal) {
      yield position(at(0), false)
      yield frame(at(1), eventKind('ada', 1))
      await mayCatchUp.promise
      yield position(at(1), true)
      await forEver(signal)
    })
    await using edge = startClient(server.url)
    await eventually(() => server.subscriptions.length === 1)
    expect([edge.client.isOpen(), edge.hub.isLive()]).toEqual([false, false])
    mayCatchUp.resolve()
    await eventually(edge.client.isOpen)
  })

  it('tries again after a frame without a place', async () => {
    let streams = 0
    await using server = await startPushServer(async function* script(_cursor, signal) {
      streams += 1
      yield streams === 1 ? frame('nowhere', eventKind('ada', 1)) : position(at(0), true)
      await forEver(signal)
    })
    await using edge = startClient(server.url)
    await eventually(edge.client.isOpen)
    expect(server.subscriptions).toEqual(['', ''])
  })

  it('ends at once while nobody answers', async () => {
    const edge = startClient('http://127.0.0.1:1', { ...quick, backoff: { baseMs: 60_000, maxMs: 60_000 } })
    await edge[Symbol.asyncDispose]()
    expect(edge.client.isOpen()).toBe(false)
  })
})
