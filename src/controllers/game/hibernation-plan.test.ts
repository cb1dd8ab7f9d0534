import { describe, expect, it } from 'vitest'
import { anEngine, answering, aReadyGame, noon, observing } from './fixtures.ts'
import type { Observation } from './observation.ts'
import { plan as decide } from './plan.ts'
import { defaultPolicy } from './policy.ts'

const plan = (observation: Observation) => decide(observation, defaultPolicy)
const at = (seconds: number) => new Date(noon.getTime() + seconds * 1000)
const hourly = { schedule: '0 * * * *' }
const sleepy = { hibernation: { idleAfter: '15m' }, turns: hourly }
const conditionOf = (observation: Observation, type: string) =>
  plan(observation).status.conditions?.find((each) => each.type === type)

/** Well since half past eleven; its next turn is at one o'clock. */
function awake(
  { spec = sleepy, turn = {}, annotations = {} }: { spec?: object; turn?: object; annotations?: object } = {},
  change: Partial<Observation> = {},
) {
  const game = aReadyGame({ spec, turn: { nextAt: at(3600).toISOString(), ...turn }, metadata: { annotations } })
  return observing({ game, engines: [anEngine(game)], probe: answering({ turn: 4 }), ...change })
}

/** The game that fell asleep at noon, seen again later. */
function asleep(now: Date, { metadata = {}, spec = {}, status = {} } = {}, change: Partial<Observation> = {}) {
  const fallen = plan(awake())
  const { game } = awake()
  const sleeping = {
    ...game,
    metadata: { ...game.metadata, ...metadata },
    spec: { ...game.spec, ...spec },
    status: { ...fallen.status, ...status },
  }
  return observing({ game: sleeping, now, ...change })
}

describe('an engine that no player has called for the idle time', () => {
  it('is stopped, its data kept, and this is written and told first', () => {
    const planned = plan(awake())
    expect(planned.actions).toEqual([{ do: 'stop' }])
    expect(planned.events).toMatchObject([{ reason: 'Hibernated' }])
    expect(planned.status).toMatchObject({ phase: 'Hibernated', turn: { nextAt: at(3600).toISOString() } })
    expect(planned.status.engine).toMatchObject({ version: '1.0.0', ref: undefined, endpoint: undefined })
  })

  it.each(['EngineReady', 'Ready'])('is not %s, and the reason says that it sleeps', (type) => {
    expect(conditionOf(awake(), type)).toMatchObject({ status: 'False', reason: 'Hibernated' })
  })

  it('keeps what else is true of its game', () => {
    expect(conditionOf(awake(), 'Initialized')).toMatchObject({ status: 'True' })
    expect(conditionOf(awake(), 'TurnsActive')).toMatchObject({ status: 'True', reason: 'Scheduled' })
    expect(conditionOf(awake(), 'Degraded')).toMatchObject({ status: 'False' })
  })

  const wanted = [
    { what: 'has no idle time', parts: { spec: { turns: hourly } } },
    { what: 'was called lately', parts: { annotations: { 'galaxy.dev/last-activity': at(-600).toISOString() } } },
    { what: 'was woken lately', parts: { annotations: { 'galaxy.dev/wake': at(-600).toISOString() } } },
    { what: 'was created lately', parts: { spec: { ...sleepy, hibernation: { idleAfter: '31m' } } } },
    { what: 'has a turn soon', parts: { spec: { ...sleepy, turns: { schedule: '20 0 12 * * *' } } } },
    {
      what: 'waits for the lobby',
      parts: { spec: { ...sleepy, enrollment: { minPlayers: 2, maxPlayers: 2 } } },
    },
  ]
  it.each(wanted)('runs on when it $what', ({ parts }) => {
    expect(plan(awake(parts)).actions).toEqual([])
    expect(plan(awake(parts)).status.phase).toBe('Running')
  })

  it('sleeps whatever is noted of calls in years to come', () => {
    const annotations = { 'galaxy.dev/last-activity': '2099-01-01T00:00:00Z' }
    expect(plan(awake({ annotations })).actions).toEqual([{ do: 'stop' }])
  })

  it('runs on while it owes a turn, be that in vain', () => {
    const failing = { running: 5, attempts: 1, lastAttemptAt: noon.toISOString() }
    expect(plan(awake({ turn: failing })).actions).toEqual([])
    expect(plan(awake({ turn: { ...failing, lastAttemptAt: at(-60).toISOString() } })).actions).toMatchObject([
      { do: 'runTurn' },
    ])
  })

  it('runs on for a moment after it was started, however short the idle time', () => {
    const observation = awake({ spec: { ...sleepy, hibernation: { idleAfter: '0s' } } })
    const since = (time: string) => ({
      ...observation.game.status,
      conditions: observation.game.status.conditions?.map((each) => ({ ...each, lastTransitionTime: time })),
    })
    const young = { ...observation, game: { ...observation.game, status: since('2026-03-01T11:59:58Z') } }
    expect(plan(young).actions).toEqual([])
    expect(plan(young).againAt).toEqual(at(3))
    expect(plan({ ...young, now: at(3) }).actions).toEqual([{ do: 'stop' }])
  })

  it('is looked at again when its idle time is over', () => {
    const lastCall = { 'galaxy.dev/last-activity': at(-895).toISOString() }
    expect(plan(awake({ annotations: lastCall })).againAt).toEqual(at(5))
    expect(plan({ ...awake({ annotations: lastCall }), now: at(5) }).actions).toEqual([{ do: 'stop' }])
  })

  it('sleeps while its game is paused, too', () => {
    const planned = plan(awake({ spec: { ...sleepy, runState: 'Paused' } }))
    expect(planned).toMatchObject({ actions: [{ do: 'stop' }], status: { phase: 'Hibernated' } })
    expect(planned.againAt).toBeUndefined()
  })

  it('sleeps once its game is finished, which stays to be seen', () => {
    const planned = plan(awake({}, { probe: answering({ turn: 4, finished: true }) }))
    expect(planned).toMatchObject({ actions: [{ do: 'stop' }], status: { phase: 'Finished' } })
    expect(planned.events.map(({ reason }) => reason)).toEqual(['Finished', 'Hibernated'])
  })

  it('runs on when a version is asked for that cannot be had', () => {
    const { game, ...rest } = awake({ spec: { ...sleepy, engine: { version: '1.0.3' } } })
    const engine = { ...game.status.engine, imageDigest: undefined, failures: 3, lastFailureAt: noon.toISOString() }
    const stuck = { ...game, status: { ...game.status, engine: { restarts: 0, epoch: 1, crashes: 0, ...engine } } }
    expect(plan({ ...rest, game: stuck }).actions).toEqual([])
  })
})

describe('a sleeping engine', () => {
  it('has its next turn reckoned anew when a clock that was wrong is put right', () => {
    const turn = { ...plan(awake()).status.turn, nextAt: '2031-01-01T00:00:00.000Z' }
    const planned = plan(asleep(at(60), { status: { turn } }))
    expect(planned.status.turn?.nextAt).toBe(at(3600).toISOString())
    expect(planned.againAt).toEqual(at(3590))
  })

  it('is not woken for a turn that is skipped', () => {
    const skipped = { skipNext: true, skipAt: at(3600).toISOString(), nextAt: at(7200).toISOString() }
    const turn = { ...plan(awake()).status.turn, ...skipped }
    const before = plan(asleep(at(3595), { status: { turn } }))
    expect(before).toMatchObject({ actions: [], events: [], againAt: at(3600) })
    const passed = plan(asleep(at(3600), { status: { turn } }))
    expect(passed.events).toMatchObject([{ reason: 'TurnSkipped' }])
    expect(passed).toMatchObject({ actions: [], againAt: at(7190), status: { turn: { skipNext: false } } })
  })

  it('is left alone until its turn comes near', () => {
    const planned = plan(asleep(at(60)))
    expect(planned).toMatchObject({ actions: [], events: [] })
    expect(planned.againAt).toEqual(at(3590))
  })

  it('is stopped once more when the platform died before it was stopped', () => {
    const { game } = awake()
    const planned = plan(asleep(at(60), {}, { engines: [anEngine(game)], probe: answering({ turn: 4 }) }))
    expect(planned).toMatchObject({ actions: [{ do: 'stop' }], events: [] })
  })

  it('is started ahead of its turn, under a new epoch, and this is no restart', () => {
    const planned = plan(asleep(at(3590)))
    expect(planned.actions).toMatchObject([{ do: 'start', spec: { epoch: 2 } }])
    expect(planned.events).toMatchObject([{ reason: 'Woken', message: 'turn 5 is due at 2026-03-01T13:00:00.000Z' }])
    expect(planned.status).toMatchObject({ phase: 'Starting', engine: { restarts: 0, failures: 0 } })
  })

  it('is started when somebody wants to play', () => {
    const annotations = { 'galaxy.dev/wake': at(59).toISOString() }
    const planned = plan(asleep(at(60), { metadata: { annotations } }))
    expect(planned.actions).toMatchObject([{ do: 'start' }])
    expect(planned.events).toMatchObject([{ reason: 'Woken', message: 'somebody wants to play' }])
  })

  it('is started for that even when it comes to be seen long after', () => {
    const annotations = { 'galaxy.dev/wake': at(1).toISOString() }
    expect(plan(asleep(at(3000), { metadata: { annotations } })).actions).toMatchObject([{ do: 'start' }])
  })

  it.each([
    { what: 'of a clock that is behind', wish: at(-30).toISOString() },
    { what: 'of a clock that is ahead', wish: '2099-01-01T00:00:00Z' },
    { what: 'no moment', wish: 'please' },
  ])('is started once for a wish that is $what, and sleeps again', ({ wish }) => {
    const metadata = { annotations: { 'galaxy.dev/wake': wish } }
    const woken = plan(asleep(at(20), { metadata }))
    expect(woken.actions).toMatchObject([{ do: 'start' }])
    const ready = aReadyGame({ spec: sleepy, metadata, turn: { nextAt: at(36_000).toISOString() } })
    const { hibernation } = woken.status
    const game = { ...ready, status: { ...ready.status, hibernation } }
    const running = observing({ game, engines: [anEngine(game)], probe: answering({ turn: 4 }) })
    expect(plan({ ...running, now: at(900) })).toMatchObject({ actions: [], againAt: at(915) })
    const fallen = plan({ ...running, now: at(920) })
    expect(fallen.actions).toEqual([{ do: 'stop' }])
    expect(plan(asleep(at(1000), { metadata, status: fallen.status })).actions).toEqual([])
  })

  it('that fell asleep before its status knew of wishes is started by the time of one', () => {
    const seen = (wish: Date) => {
      const metadata = { annotations: { 'galaxy.dev/wake': wish.toISOString() } }
      return plan(asleep(at(60), { metadata, status: { hibernation: undefined } })).actions.length
    }
    expect([seen(at(-10)), seen(at(10))]).toEqual([0, 1])
  })

  it('is left alone by a late report of a call', () => {
    const annotations = { 'galaxy.dev/last-activity': at(1).toISOString() }
    expect(plan(asleep(at(60), { metadata: { annotations } })).actions).toEqual([])
  })

  it('is started when its spec is edited, so that a forced turn or a new schedule is seen to at once', () => {
    const planned = plan(asleep(at(60), { metadata: { generation: 2 } }))
    expect(planned.actions).toMatchObject([{ do: 'start' }])
    expect(planned.events).toMatchObject([{ reason: 'Woken', message: 'the spec has changed' }])
  })

  it('is started for a turn that is asked for, unless its game runs none', () => {
    const metadata = { annotations: { 'galaxy.dev/force-turn': 'k1' } }
    expect(plan(asleep(at(60), { metadata })).actions).toMatchObject([{ do: 'start' }])
    expect(plan(asleep(at(60), { metadata })).events).toMatchObject([{ message: 'a turn is asked for' }])
    const { status } = plan(awake({ spec: { ...sleepy, runState: 'Paused' } }))
    expect(plan(asleep(at(60), { metadata, status })).actions).toEqual([])
  })

  it('is started from the version that its range has come to mean', () => {
    const metadata = { generation: 2 }
    const edited = asleep(at(60), { metadata, spec: { engine: { image: 'engine:9' } } })
    expect(plan(edited).actions).toEqual([{ do: 'pull', image: 'engine:9' }])
  })

  it('is neither started nor told of again while it waits before another try', () => {
    const annotations = { 'galaxy.dev/wake': at(59).toISOString() }
    const engine = { epoch: 4, restarts: 0, failures: 3, crashes: 0, lastFailureAt: at(59).toISOString() }
    const first = asleep(at(60), { metadata: { annotations }, status: { engine } })
    const waiting = plan(first)
    expect(waiting.actions).toEqual([])
    expect(waiting.events).toMatchObject([{ reason: 'Woken' }])
    const second = plan({ ...first, game: { ...first.game, status: waiting.status } })
    expect(second).toMatchObject({ actions: [], events: [], againAt: waiting.againAt })
  })

  it('that has not been stopped yet is told to be woken once, whatever else is to be done first', () => {
    const { game } = awake()
    const metadata = { generation: 2 }
    const running = { engines: [anEngine(game)], probe: answering({ turn: 4 }) }
    const first = asleep(at(60), { metadata, spec: { engine: { image: 'engine:9' } } }, running)
    const waking = plan(first)
    expect(waking.actions).toEqual([{ do: 'pull', image: 'engine:9' }])
    expect(waking.events).toMatchObject([{ reason: 'Woken' }, { reason: 'Adopted' }])
    expect(plan({ ...first, game: { ...first.game, status: waking.status } }).events).toEqual([])
  })

  it('that ended by itself and not by us is none: it is started again', () => {
    const game = aReadyGame({ spec: sleepy })
    const engines = [anEngine(game, { state: 'exited', exit: { code: 1, requested: false } })]
    expect(plan(observing({ game, engines })).actions).toMatchObject([{ do: 'start' }])
  })

  it('is stopped for good with its game', () => {
    const planned = plan(asleep(at(60), { metadata: { generation: 2 }, spec: { runState: 'Stopped' } }))
    expect(planned).toMatchObject({ actions: [], status: { phase: 'Stopped' } })
  })
})
