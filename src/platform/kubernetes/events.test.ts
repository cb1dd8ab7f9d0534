import type { ServerResponse } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { silentLog } from '../log.ts'
import { createEventRecorder } from './events.ts'
import { answer, type FakeCall, startFakeApi, status, widget } from './fake-api.ts'

const turn = (number: number) => ({ type: 'Normal' as const, reason: 'TurnGenerated', message: `turn ${number}` })

/** A server that keeps events; `refuse` may answer in its place. */
async function recorderOn(
  refuse: (call: FakeCall, response: ServerResponse) => boolean = () => false,
  options: { seriesReasons?: string[]; seriesMs?: number } = {},
) {
  const events: Record<string, unknown>[] = []
  const api = await startFakeApi((call, response) => {
    if (refuse(call, response)) return
    const body = Object(call.body)
    const event =
      call.method === 'POST' ? body : events.find(({ metadata }) => call.path.endsWith(`/${Object(metadata).name}`))
    if (call.method === 'POST') events.push(event)
    else Object.assign(event, body)
    const meta = { uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }
    answer(response, 200, { ...event, metadata: { ...event.metadata, ...meta } })
  })
  onTestFinished(() => api[Symbol.asyncDispose]())
  let now = new Date('2026-01-01T00:00:00.700Z')
  const clock = { now: () => now }
  const recorder = createEventRecorder({
    config: api.config,
    component: 'galaxy',
    instance: 'one',
    clock,
    log: silentLog,
    ...options,
  })
  const wait = (ms: number) => (now = new Date(now.getTime() + ms))
  return { recorder, events, api, wait }
}

const messages = (events: readonly Record<string, unknown>[]) =>
  events.map(({ message, count }) => `${String(message)} x${String(count)}`)

describe('an event', () => {
  it('names its object, its source and its time', async () => {
    const { recorder, events } = await recorderOn()
    recorder.record(widget('a', 7), turn(1))
    await recorder[Symbol.asyncDispose]()
    expect(events).toEqual([
      expect.objectContaining({
        metadata: { namespace: 'default', name: expect.stringMatching(/^a\.[0-9a-f]{20}$/) },
        involvedObject: {
          apiVersion: 'example.dev/v1',
          kind: 'Widget',
          namespace: 'default',
          name: 'a',
          uid: 'uid-a',
          resourceVersion: '7',
        },
        type: 'Normal',
        reason: 'TurnGenerated',
        message: 'turn 1',
        count: 1,
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: '2026-01-01T00:00:00Z',
        source: { component: 'galaxy', host: 'one' },
      }),
    ])
  })

  it('has a name that sorts where it happened', async () => {
    const { recorder, events, wait } = await recorderOn()
    for (const number of [1, 2, 3]) recorder.record(widget('a', 1), turn(number))
    wait(1)
    recorder.record(widget('a', 1), turn(4))
    await recorder[Symbol.asyncDispose]()
    const names = events.map(({ metadata }) => String(Object(metadata).name))
    expect(names).toHaveLength(4)
    expect(names.toSorted()).toEqual(names)
  })

  it('told again raises the count of the first one', async () => {
    const { recorder, events, wait } = await recorderOn()
    recorder.record(widget('a', 1), turn(1))
    await vi.waitFor(() => expect(events).toHaveLength(1), { timeout: 20_000, interval: 5 })
    wait(60_000)
    recorder.record(widget('a', 2), turn(1))
    recorder.record(widget('a', 2), turn(1))
    recorder.record(widget('b', 1), turn(1))
    await recorder[Symbol.asyncDispose]()
    expect(messages(events)).toEqual(['turn 1 x3', 'turn 1 x1'])
    expect(events[0]).toMatchObject({ firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:01:00Z' })
  })

  it('told again after the server forgot it is made anew, and keeps counting', async () => {
    const { recorder, events } = await recorderOn((call, response) => {
      if (call.method !== 'PATCH') return false
      answer(response, 404, status(404, 'NotFound'))
      return true
    })
    recorder.record(widget('a', 1), turn(1))
    await vi.waitFor(() => expect(events).toHaveLength(1), { timeout: 20_000, interval: 5 })
    recorder.record(widget('a', 1), turn(1))
    await recorder[Symbol.asyncDispose]()
    expect(messages(events)).toEqual(['turn 1 x1', 'turn 1 x2'])
  })
})

describe('an event that comes again and again', () => {
  const everyTurn = { seriesReasons: ['TurnGenerated'] }

  it('is one with a count and the newest message, written at once and then held back', async () => {
    const { recorder, events, api, wait } = await recorderOn(undefined, { ...everyTurn, seriesMs: 3_600_000 })
    recorder.record(widget('a', 1), turn(1))
    await vi.waitFor(() => expect(messages(events)).toEqual(['turn 1 x1']), { timeout: 20_000, interval: 5 })
    for (let number = 2; number <= 122; number += 1) {
      wait(500)
      recorder.record(widget('a', number), turn(number))
    }
    recorder.record(widget('b', 1), turn(7))
    await recorder[Symbol.asyncDispose]()
    expect(messages(events).toSorted()).toEqual(['turn 122 x122', 'turn 7 x1'])
    expect(events[0]).toMatchObject({ firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:01:01Z' })
    expect(api.calls.map(({ method }) => method)).toEqual(['POST', 'POST', 'PATCH'])
  })

  it('is written again once its time has passed', async () => {
    const { recorder, events } = await recorderOn(undefined, { ...everyTurn, seriesMs: 20 })
    for (const number of [1, 2, 3]) recorder.record(widget('a', 1), turn(number))
    await vi.waitFor(() => expect(messages(events)).toEqual(['turn 3 x3']), { timeout: 20_000, interval: 5 })
    await recorder[Symbol.asyncDispose]()
  })
})

describe('a recorder', () => {
  it('tells of every turn of a game with one each five seconds', async () => {
    const { recorder, events, wait } = await recorderOn()
    for (let number = 1; number <= 200; number += 1) {
      recorder.record(widget('a', 1), turn(number))
      wait(5000)
    }
    await recorder[Symbol.asyncDispose]()
    expect(events).toHaveLength(200)
  })

  it('cuts down an object that never stops talking, but not its warnings nor other objects', async () => {
    const { recorder, events } = await recorderOn()
    for (let number = 1; number <= 200; number += 1) recorder.record(widget('a', 1), turn(number))
    recorder.record(widget('a', 1), { type: 'Warning', reason: 'Degraded', message: 'bad' })
    recorder.record(widget('b', 1), turn(1))
    await recorder[Symbol.asyncDispose]()
    expect(messages(events).slice(-3)).toEqual(['turn 50 x1', 'bad x1', 'turn 1 x1'])
  })

  it('tries again while the server is overloaded, and lets a refused event go', async () => {
    let refusals = 0
    const { recorder, events } = await recorderOn((call, response) => {
      const forbidden = Object(call.body).message === 'turn 2'
      if (!forbidden && refusals > 0) return false
      refusals += 1
      answer(response, forbidden ? 403 : 503, status(forbidden ? 403 : 503, 'No'))
      return true
    })
    recorder.record(widget('a', 1), turn(1))
    recorder.record(widget('a', 1), turn(2))
    recorder.record(widget('a', 1), turn(3))
    await recorder[Symbol.asyncDispose]()
    expect(messages(events)).toEqual(['turn 1 x1', 'turn 3 x1'])
  })

  it('ends in time although the server hangs, and is silent afterwards', async () => {
    const { recorder, api } = await recorderOn(() => true)
    recorder.record(widget('a', 1), turn(1))
    recorder.record(widget('a', 1), turn(2))
    const startedAt = performance.now()
    await recorder[Symbol.asyncDispose]()
    expect(performance.now() - startedAt).toBeLessThan(2500)
    recorder.record(widget('a', 1), turn(3))
    expect(api.calls.map(({ body }) => Object(body).message)).toEqual(['turn 1'])
  })
})
