import { describe, expect, it } from 'vitest'
import type { EngineInstance } from '../hosts/index.ts'
import { aGame, anEngine, answering, aReadyGame, noon, observing } from './fixtures.ts'
import type { Observation } from './observation.ts'
import { plan as decide } from './plan.ts'
import { defaultPolicy } from './policy.ts'

const plan = (observation: Observation) => decide(observation, defaultPolicy)
const actions = (observation: Observation) => plan(observation).actions.map((action) => action.do)
const condition = (observation: Observation, type: string) =>
  plan(observation).status.conditions?.find((each) => each.type === type)

describe('a start that waits', () => {
  const engine = { image: 'engine:1.0.0', imageDigest: 'd', failures: 5, lastFailureAt: noon.toISOString(), epoch: 5 }
  const waiting = (degraded: object, now = noon) => {
    const condition = { type: 'Degraded', status: 'True', lastTransitionTime: noon.toISOString(), ...degraded }
    return observing({ game: aGame({ status: { engine, conditions: [condition] } }), now })
  }
  const crashing = { reason: 'EngineExited', message: 'the engine ended with exit code 3: boom' }
  const message = (observation: Observation) => condition(observation, 'Ready')?.message

  it('says until when, and why, for as long as it waits', () => {
    const observation = waiting(crashing)
    const until = plan(observation).againAt ?? noon
    const told = `start 6 waits until ${until.toISOString().slice(11, 19)}Z: the engine ended with exit code 3: boom`
    expect(plan(observation).status.phase).toBe('Failed')
    expect(message(observation)).toBe(told)
    expect(message(waiting(crashing, new Date(until.getTime() - 1)))).toBe(told)
    const again = { ...observation, game: { ...observation.game, status: plan(observation).status } }
    expect(plan(again).status).toEqual(plan(observation).status)
    expect(actions(waiting(crashing, until))).toEqual(['start'])
  })

  it.each([
    { what: 'nothing', degraded: { status: 'False', reason: 'AsExpected', message: 'nothing is wrong' } },
    { what: 'a turn', degraded: { reason: 'TurnFailed', message: 'disk full' } },
    { what: 'a machine', degraded: { reason: 'NodeAway', message: 'its machine is away' } },
  ])('does not blame what it does not wait for: $what', ({ degraded }) => {
    expect(message(waiting(degraded))).toMatch(/^start 6 waits until 12:00:\d\dZ$/)
  })

  it('says no more than a screen of it', () => {
    expect(message(waiting({ ...crashing, message: 'x'.repeat(2000) }))?.length).toBeLessThan(700)
  })
})

describe('an engine that no machine has room for', () => {
  const why = '0/1 nodes are available: 1 Insufficient memory.'
  const engine = { image: 'engine:1.0.0', imageDigest: 'd', epoch: 3 }
  const status = { phase: 'Starting', engine }
  const coming = (change: Partial<EngineInstance> = {}, more: Partial<Observation> = {}) => {
    const game = more.game ?? aGame({ status })
    const made = { state: 'starting', epoch: 3, endpoint: undefined, startedAt: noon.toISOString() } as const
    return observing({
      game,
      ...more,
      engines: [anEngine(game, { ...made, unschedulable: why, ...change })],
    })
  }

  it('waits without an action, and says why as the host says it', () => {
    expect(plan(coming())).toMatchObject({
      actions: [],
      status: { phase: 'Starting', engine: { epoch: 3, failures: 0 } },
    })
    for (const type of ['EngineReady', 'Ready'])
      expect(condition(coming(), type)).toMatchObject({ status: 'False', reason: 'Unschedulable', message: why })
    expect(condition(coming(), 'Degraded')).toMatchObject({ status: 'True', reason: 'Unschedulable' })
  })

  it('is told of by one event, whatever the host says in the course of time', () => {
    const first = plan(coming())
    expect(first.events).toMatchObject([{ type: 'Warning', reason: 'Unschedulable', message: why }])
    const game = aGame({ status: first.status })
    expect(plan(coming({ unschedulable: '0/2 nodes are available' }, { game })).events).toEqual([])
  })

  it('is waited for under its own epoch once there is a machine', () => {
    const scheduled = coming({ unschedulable: undefined })
    expect(plan(scheduled).actions).toMatchObject([{ do: 'start', spec: { epoch: 3, image: 'engine:1.0.0' } }])
  })

  it('leaves its game as it should be once it runs, however many starts had failed before', () => {
    const { conditions } = plan(coming()).status
    const game = aGame({ status: { ...status, engine: { ...engine, failures: 3 }, conditions } })
    const running = coming({ state: 'running', unschedulable: undefined, endpoint: 'http://127.0.0.1:1' }, { game })
    const ready = { ...running, probe: answering() }
    expect(condition(running, 'Degraded')).toMatchObject({ status: 'True', reason: 'Unschedulable' })
    expect(condition(ready, 'Degraded')).toMatchObject({ status: 'False', reason: 'AsExpected' })
  })

  it('has started, and is not taken over, when it runs', () => {
    const planned = plan(coming({ state: 'running', unschedulable: undefined, endpoint: 'http://127.0.0.1:1' }))
    expect(planned.events).toMatchObject([{ reason: 'Started' }])
    expect(planned.status.engine).toMatchObject({ ref: 'process/7', epoch: 3, restarts: 0, failures: 0 })
  })

  it.each([
    { what: 'of an earlier epoch', change: { epoch: 2 } },
    { what: 'of another spec', change: { specHash: 'other' } },
  ])('is replaced under the next epoch when it is one $what', ({ change }) => {
    expect(plan(coming(change)).actions).toMatchObject([{ do: 'start', spec: { epoch: 4 } }])
  })

  it('is ended with its game', () => {
    expect(actions(coming({}, { game: aGame({ status, spec: { runState: 'Stopped' } }) }))).toEqual(['stop'])
  })
})

describe('an engine that its machine prepares', () => {
  const what = 'node node-1: ContainerCreating'
  const engine = { image: 'engine:1.0.0', imageDigest: 'd', epoch: 3 }
  const preparing = (seconds: number, status: object = { phase: 'Starting', engine }) => {
    const game = aGame({ status })
    const made = { state: 'starting', epoch: 3, endpoint: undefined, startedAt: noon.toISOString() } as const
    const now = new Date(noon.getTime() + seconds * 1000)
    return observing({ game, now, engines: [anEngine(game, { ...made, preparing: what })] })
  }

  it('is waited for without an action, and says what for', () => {
    const planned = plan(preparing(59))
    expect(planned).toMatchObject({ actions: [], events: [], status: { engine: { epoch: 3, failures: 0 } } })
    expect(planned.againAt).toEqual(new Date(noon.getTime() + 60_000))
    expect(condition(preparing(59), 'Ready')).toMatchObject({
      status: 'False',
      reason: 'Starting',
      message: `its machine prepares the engine: ${what}`,
    })
    expect(condition(preparing(59), 'Degraded')).toBeUndefined()
  })

  it('for no longer than starts on a busy machine take is told of as any start, which costs no write', () => {
    const planned = plan(preparing(29))
    expect(planned.againAt).toEqual(new Date(noon.getTime() + 30_000))
    expect(condition(preparing(29), 'Ready')).toMatchObject({ reason: 'Starting', message: 'the engine is starting' })
    expect(condition(preparing(30), 'Ready')?.message).toContain(what)
  })

  it('for longer than a start may take is told of once, and no failure', () => {
    const planned = plan(preparing(60))
    expect(planned).toMatchObject({ actions: [], events: [{ type: 'Warning', reason: 'SlowStart' }] })
    expect(planned.againAt).toEqual(new Date(noon.getTime() + 600_000))
    expect(planned.status.engine?.failures).toBe(0)
    expect(condition(preparing(60), 'Degraded')).toMatchObject({ status: 'True', reason: 'SlowStart' })
    expect(plan(preparing(300, planned.status)).events).toEqual([])
  })

  it('for ten minutes has failed, and its image is looked for again', () => {
    const planned = plan(preparing(600))
    expect(planned).toMatchObject({ actions: [{ do: 'stop' }], events: [{ reason: 'StartFailed' }] })
    expect(planned.status.engine).toMatchObject({ failures: 1, imageDigest: undefined })
    expect(condition(preparing(600), 'Degraded')?.message).toBe(`its machine has not started it within 600 s: ${what}`)
  })
})

describe('an image that no machine can fetch', () => {
  const unfetched = '0/1 nodes are available: 1 node(s) were unschedulable.'

  it('is waited for without an action, and fails nothing', () => {
    const observation = observing({ game: aGame(), unfetched })
    const planned = plan(observation)
    expect(planned).toMatchObject({ actions: [], status: { phase: 'Pulling', engine: { failures: 0 } } })
    expect(planned.events).toMatchObject([{ type: 'Warning', reason: 'Unschedulable', message: unfetched }])
    for (const type of ['EngineReady', 'Ready'])
      expect(condition(observation, type)).toMatchObject({
        status: 'False',
        reason: 'Unschedulable',
        message: unfetched,
      })
    expect(condition(observation, 'Degraded')).toMatchObject({ status: 'True', reason: 'Unschedulable' })
    const again = observing({ game: aGame({ status: planned.status }), unfetched })
    expect(plan(again)).toMatchObject({ events: [], status: planned.status })
  })

  it('is asked for again when one can', () => {
    const { status } = plan(observing({ game: aGame(), unfetched }))
    expect(actions(observing({ game: aGame({ status }) }))).toEqual(['pull'])
  })

  it('costs no game the engine that runs, and is told of', () => {
    const game = aReadyGame({ spec: { engine: { image: 'engine:2' } } })
    const observation = observing({ game, unfetched, engines: [anEngine(game)], probe: answering({ turn: 4 }) })
    expect(actions(observation)).toEqual([])
    expect(condition(observation, 'Ready')).toMatchObject({ status: 'True' })
    expect(condition(observation, 'Degraded')).toMatchObject({ status: 'True', reason: 'Unschedulable' })
    const later = { ...observation, game: { ...game, status: plan(observation).status }, unfetched: undefined }
    expect(actions(later)).toEqual(['pull'])
  })
})

describe('what the image of an engine is', () => {
  const digests = (game = aReadyGame(), change: Partial<EngineInstance> = {}) => {
    const engines = [anEngine(game, { imageDigest: 'sha256:runs', ...change })]
    return plan(observing({ game, engines, probe: answering({ turn: 4 }) })).status.engine?.imageDigest
  }

  it('is what the engine itself runs', () => {
    expect(digests()).toBe('sha256:runs')
    expect(digests(aReadyGame(), { imageDigest: undefined })).toBe('sha256:1')
  })

  it('is not told of the one that comes next', () => {
    const { engine } = aReadyGame().status
    const spec = { engine: { image: 'engine:2' } }
    const pulled = aReadyGame({ spec, status: { engine: { ...engine, image: 'engine:2', imageDigest: 'sha256:2' } } })
    expect(digests(pulled)).toBe('sha256:2')
  })

  it('is known again when the spec goes back to it', () => {
    const { engine } = aReadyGame().status
    const spec = { engine: { image: 'engine:1.0.0' } }
    const back = aReadyGame({ spec, status: { engine: { ...engine, image: 'engine:2', imageDigest: undefined } } })
    expect(digests(back)).toBe('sha256:runs')
  })
})

describe('an engine that was killed for want of memory', () => {
  const spec = { engine: { version: '~1.0', resources: { limits: { memory: '256Mi' } } } }
  const told = 'the engine ended for want of memory: it may have 256Mi (spec.engine.resources.limits.memory)'
  const killed = (game = aReadyGame({ spec })) => {
    const exit = { signal: 'SIGKILL', outOfMemory: true, requested: false }
    return observing({ game, engines: [anEngine(game, { state: 'exited', exit })] })
  }

  it('is started again, with an event that names the limit', () => {
    expect(plan(killed()).events).toMatchObject([
      { type: 'Warning', reason: 'OutOfMemory', message: `${told}; starting it again` },
    ])
    expect(actions(killed())).toEqual(['start'])
  })

  it.each([
    { when: 'again and again', status: aReadyGame({ spec }).status, crashes: 2 },
    { when: 'before it was ready', status: { engine: aReadyGame().status.engine }, crashes: 0 },
  ])('$when leaves its game Degraded with that reason', ({ status, crashes }) => {
    const lastFailureAt = noon.toISOString()
    const engine = { ...status.engine, crashes, ...(crashes > 0 && { lastFailureAt }), startedAt: lastFailureAt }
    const observation = killed(aGame({ spec, status: { ...status, engine } }))
    expect(condition(observation, 'Degraded')).toMatchObject({ status: 'True', reason: 'OutOfMemory', message: told })
  })
})

it('a condition has whole characters only, so that it is read again as it was written', () => {
  const probe = { state: 'unreachable' as const, message: `${'x'.repeat(1999)}😀` }
  const game = aReadyGame()
  expect(condition(observing({ game, engines: [anEngine(game)], probe }), 'Ready')?.message.isWellFormed()).toBe(true)
})
