import { describe, expect, it } from 'vitest'
import { aStore, holds } from './fixtures.ts'

const sleepy = { hibernation: { idleAfter: '15m' } }
const asleep = {
  phase: 'Hibernated',
  conditions: ['EngineReady', 'Ready'].map((type) => holds(type, { status: 'False', reason: 'Hibernated' })),
  engine: { epoch: 3 },
}
const awake = { phase: 'Running', conditions: [holds('Ready')], engine: { endpoint: 'http://127.0.0.1:1', epoch: 4 } }
const place = { endpoint: 'http://127.0.0.1:1', epoch: 4 }
const key = { namespace: 'default', name: 'x' }

/** After the promises that are on their way. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('waking a game', () => {
  it('asks for it by an annotation, and answers where the engine is once it is healthy', async () => {
    const { call, store, write } = aStore(sleepy, asleep)
    const answer = call('POST', '/games/x/wake')
    await expect.poll(() => store.game.metadata.annotations).toEqual({ 'galaxy.dev/wake': '2026-03-01T13:00:00.000Z' })
    write({ status: { phase: 'Starting' } })
    write({ status: awake })
    expect((await answer).json()).toEqual(place)
  })

  it('answers at once when the engine is awake, and keeps it so', async () => {
    const { call, store } = aStore(sleepy, awake)
    expect((await call('POST', '/games/x/wake')).json()).toEqual(place)
    expect(store.game.metadata.annotations).toHaveProperty(['galaxy.dev/wake'])
  })

  it('does not answer by what the watch showed before the wish was written', async () => {
    const { wakes, write, show, store } = aStore(sleepy, asleep)
    const before = { ...store.game, status: aStore(sleepy, awake).store.game.status }
    const answer = wakes.wake(key, { timeoutMs: 5000 })
    await settled()
    show(before)
    write({ status: { ...awake, engine: { endpoint: 'http://127.0.0.1:2', epoch: 5 } } })
    expect(await answer).toEqual({ endpoint: 'http://127.0.0.1:2', epoch: 5 })
  })

  it('is one wish for all who ask for one game at once', async () => {
    const { wakes, write, store, followed } = aStore(sleepy, asleep)
    const answers = Promise.all(Array.from({ length: 5 }, () => wakes.wake(key, { timeoutMs: 5000 })))
    await settled()
    write({ status: awake })
    expect(await answers).toEqual(Array.from({ length: 5 }, () => place))
    expect(store.writes).toBe(1)
    expect(followed()).toBe(0)
  })

  it("ends with the caller's own deadline, while others wait on", async () => {
    const { call, write } = aStore(sleepy, asleep)
    const patient = call('POST', '/games/x/wake')
    const answer = await call('POST', '/games/x/wake', { 'x-request-timeout-ms': '30' })
    expect(answer.json()).toMatchObject({ status: 504, code: 'wake_timeout' })
    write({ status: awake })
    expect((await patient).json()).toEqual(place)
  })

  it('is refused beyond so many callers, and taken again when they are gone', async () => {
    const { wakes, call, write, followed } = aStore(sleepy, asleep, { maxHeld: 2 })
    const held = [50, 60].map((timeoutMs) => wakes.wake(key, { timeoutMs }).catch((error: unknown) => error))
    expect((await call('POST', '/games/x/wake')).json()).toMatchObject({ status: 503, code: 'wake_queue_full' })
    await Promise.all(held)
    expect(followed()).toBe(0)
    write({ status: awake })
    expect((await call('POST', '/games/x/wake')).statusCode).toBe(200)
  })

  it('forgets a caller that has gone away', async () => {
    const { wakes, followed } = aStore(sleepy, asleep)
    const gone = new AbortController()
    const answer = wakes.wake(key, { timeoutMs: 60_000, signal: gone.signal })
    await settled()
    expect(followed()).toBe(1)
    gone.abort()
    await expect(answer).rejects.toMatchObject({ reason: 'wake_timeout' })
    await settled()
    expect(followed()).toBe(0)
  })

  it.each([
    {
      what: 'stopped',
      stop: (store: ReturnType<typeof aStore>) => void store.write({ spec: { runState: 'Stopped' } }),
    },
    { what: 'deleted', stop: (store: ReturnType<typeof aStore>) => store.remove() },
  ])('that is $what meanwhile is refused at once', async ({ stop }) => {
    const store = aStore(sleepy, asleep)
    const answer = store.wakes.wake(key, { timeoutMs: 60_000 })
    await settled()
    stop(store)
    await expect(answer).rejects.toMatchObject({ reason: 'game_stopped' })
  })

  it.each(['BackOff', 'Unschedulable', 'NoEngineVersion', 'InvalidSpec', 'StateLost'])(
    'whose engine fails to start (%s) is refused at once, and not only when the time is up',
    async (reason) => {
      const { wakes, call, write, followed } = aStore(sleepy, asleep)
      const held = [wakes.wake(key, { timeoutMs: 60_000 }), wakes.wake(key, { timeoutMs: 60_000 })]
      await settled()
      write({
        status: { phase: 'Starting', conditions: [holds('EngineReady', { status: 'False', reason: 'Starting' })] },
      })
      write({ status: { phase: 'Pending', conditions: [holds('EngineReady', { status: 'False', reason })] } })
      const refused = { reason: 'engine_start_failed', kind: 'unavailable' }
      await Promise.all(held.map((each) => expect(each).rejects.toMatchObject(refused)))
      expect(followed()).toBe(0)
      const answer = await call('POST', '/games/x/wake')
      expect(answer.json()).toMatchObject({ status: 503, code: 'engine_start_failed', retry_after_ms: 2000 })
      expect(answer.headers['retry-after']).toBe('2')
    },
  )

  it('is answered by whichever controller leads by then', async () => {
    const { wakes, write, store } = aStore(sleepy, asleep)
    const answer = wakes.wake(key, { timeoutMs: 60_000 })
    await settled()
    // All that a next leader has is what is written: the wish is there, so it starts the engine under its own epoch.
    expect(store.game.metadata.annotations).toHaveProperty(['galaxy.dev/wake'])
    write({ status: { phase: 'Starting', engine: { epoch: 4 } } })
    write({ status: { phase: 'Starting', engine: { epoch: 5 } } })
    write({ status: { ...awake, engine: { endpoint: 'http://127.0.0.1:9', epoch: 5 } } })
    expect(await answer).toEqual({ endpoint: 'http://127.0.0.1:9', epoch: 5 })
  })

  it('that is stopped, or not there, is refused', async () => {
    const stopped = aStore({ ...sleepy, runState: 'Stopped' }, asleep)
    expect((await stopped.call('POST', '/games/x/wake')).json()).toMatchObject({ status: 409, code: 'game_stopped' })
    expect((await stopped.call('POST', '/games/y/wake')).json()).toMatchObject({ status: 404, code: 'game_not_found' })
    expect(stopped.store.writes).toBe(0)
  })

  it('refuses a deadline that is no number', async () => {
    const answer = await aStore(sleepy, asleep).call('POST', '/games/x/wake', { 'x-request-timeout-ms': 'soon' })
    expect(answer.json()).toMatchObject({ status: 400, code: 'invalid_input' })
  })
})

describe('callers who wake games are counted', () => {
  const soon = { timeoutMs: 30 }

  it('by whether they found an engine', async () => {
    const { wakes, answers, write } = aStore(sleepy, asleep)
    const held = [wakes.wake(key, { timeoutMs: 60_000 }), wakes.wake(key, { timeoutMs: 60_000 })]
    await settled()
    write({ status: awake })
    await Promise.all(held)
    expect(await answers()).toEqual({ ready: 2 })
  })

  it('by why they found none', async () => {
    const failing = { status: { conditions: [holds('EngineReady', { status: 'False', reason: 'BackOff' })] } }
    const { call, wakes, answers, write } = aStore(sleepy, asleep, { maxHeld: 1 })
    await Promise.allSettled([wakes.wake(key, soon), wakes.wake(key, soon)])
    expect(await answers()).toEqual({ wake_timeout: 1, wake_queue_full: 1 })
    write(failing)
    await call('POST', '/games/x/wake')
    write({ spec: { runState: 'Stopped' } })
    await call('POST', '/games/x/wake')
    await call('POST', '/games/y/wake')
    const failed = { engine_start_failed: 1, game_stopped: 1, game_not_found: 1 }
    expect(await answers()).toEqual({ wake_timeout: 1, wake_queue_full: 1, ...failed })
  })

  it('apart when they went away, or when the platform is not well', async () => {
    const { wakes, answers, fail } = aStore(sleepy, asleep)
    const gone = new AbortController()
    const left = wakes.wake(key, { timeoutMs: 60_000, signal: gone.signal })
    await settled()
    gone.abort()
    await expect(left).rejects.toMatchObject({ reason: 'wake_timeout' })
    fail(new Error('no leader of etcd'))
    await expect(wakes.wake(key, soon)).rejects.toThrow('etcd')
    expect(await answers()).toEqual({ gone: 1, error: 1 })
  })
})
