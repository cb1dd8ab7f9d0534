import { describe, expect, it } from 'vitest'
import { silentLog } from '../../platform/log.ts'
import { aGame, gameUid, holds } from './fixtures.ts'
import { createWakes } from './wakes.ts'

const sleepy = { hibernation: { idleAfter: '15m' } }
const place = { endpoint: 'http://127.0.0.1:1', epoch: 4 }

function asleep(name = 'andromeda', parts: { spec?: object; status?: object } = {}) {
  const hibernated = ['EngineReady', 'Ready'].map((type) => holds(type, { status: 'False', reason: 'Hibernated' }))
  return aGame({
    metadata: { name, uid: name === 'andromeda' ? gameUid : gameUid.replace('9', '8') },
    spec: { ...sleepy, ...parts.spec },
    status: { phase: 'Hibernated', conditions: [holds('Initialized'), ...hibernated], ...parts.status },
  })
}

/** Controllers that answer when the test says so. */
function someControllers({ maxHeld = 10 } = {}) {
  const asked: { name: string; answer: PromiseWithResolvers<typeof place> }[] = []
  const controller = {
    wake: ({ name }: { name: string }) => {
      const answer = Promise.withResolvers<typeof place>()
      asked.push({ name, answer })
      return answer.promise
    },
  }
  return { asked, wake: createWakes({ controller, log: silentLog, maxHeld }) }
}

describe('waking the engine of a game', () => {
  it('tells where it is, and whom it must be', async () => {
    const { asked, wake } = someControllers()
    const engine = wake(asleep(), 5000)
    asked[0]?.answer.resolve(place)
    expect(await engine).toEqual({ ...place, gameId: gameUid })
  })

  it('is asked for once by all who call one game, and for each game', async () => {
    const { asked, wake } = someControllers()
    const engines = Promise.all(['andromeda', 'andromeda', 'beta', 'andromeda'].map((name) => wake(asleep(name), 5000)))
    expect(asked.map(({ name }) => name)).toEqual(['andromeda', 'beta'])
    for (const { answer } of asked) answer.resolve(place)
    expect(await engines).toHaveLength(4)
  })

  it('is asked for anew once it was answered', async () => {
    const { asked, wake } = someControllers()
    const first = wake(asleep(), 5000)
    asked[0]?.answer.reject(new Error('the controllers answered 504'))
    await expect(first).rejects.toMatchObject({ reason: 'engine_not_ready', httpStatus: 503 })
    void wake(asleep(), 10).catch(() => undefined)
    expect(asked).toHaveLength(2)
  })

  it('is waited for by each as long as its caller waits', async () => {
    const { asked, wake } = someControllers()
    const patient = wake(asleep(), 60_000)
    await expect(wake(asleep(), 20)).rejects.toMatchObject({ reason: 'engine_not_ready' })
    asked[0]?.answer.resolve(place)
    expect(await patient).toMatchObject(place)
  })

  it('holds so many calls and no more', async () => {
    const { asked, wake } = someControllers({ maxHeld: 2 })
    const held = [wake(asleep(), 5000), wake(asleep('beta'), 5000)]
    await expect(wake(asleep('beta'), 5000)).rejects.toMatchObject({ reason: 'wake_queue_full', httpStatus: 503 })
    for (const { answer } of asked) answer.resolve(place)
    await Promise.all(held)
    const next = wake(asleep(), 5000)
    asked[2]?.answer.resolve(place)
    expect(await next).toMatchObject(place)
  })

  it.each([
    { what: 'never sleeps', game: asleep('andromeda', { spec: { hibernation: undefined } }) },
    { what: 'is stopped', game: asleep('andromeda', { spec: { runState: 'Stopped' } }) },
    { what: 'has not been created', game: asleep('andromeda', { status: { conditions: [] } }) },
  ])('is refused for a game that $what', async ({ game }) => {
    const { asked, wake } = someControllers()
    await expect(wake(game, 5000)).rejects.toMatchObject({ reason: 'engine_not_ready' })
    expect(asked).toEqual([])
  })

  it('is refused where nobody knows the controllers, or no time is left', async () => {
    const wake = createWakes({ controller: undefined, log: silentLog })
    await expect(wake(asleep(), 5000)).rejects.toMatchObject({ reason: 'engine_not_ready' })
    await expect(someControllers().wake(asleep(), -1)).rejects.toMatchObject({ reason: 'engine_not_ready' })
  })
})
