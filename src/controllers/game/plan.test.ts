import { describe, expect, it } from 'vitest'
import { aGame, anEngine, anEngineVersion, answering, aReadyGame, noon, observing } from './fixtures.ts'
import type { Observation } from './observation.ts'
import { plan as decide } from './plan.ts'
import { defaultPolicy } from './policy.ts'

const plan = (observation: Observation) => decide(observation, defaultPolicy)
const actions = (observation: Observation) => plan(observation).actions.map((action) => action.do)
const condition = (observation: Observation, type: string) =>
  plan(observation).status.conditions?.find((each) => each.type === type)
const every5 = { turns: { schedule: '*/5 * * * * *' } }

describe('a new game', () => {
  it('gets its finalizer before anything else', () => {
    expect(actions(observing({ game: aGame({ metadata: { finalizers: [] } }) }))).toEqual(['addFinalizer'])
  })

  it('pulls the newest version in its range', () => {
    const engineVersions = ['1.0.0', '1.0.3', '1.1.0'].map((version) => anEngineVersion(version))
    const planned = plan(observing({ game: aGame(), engineVersions }))
    expect(planned.actions).toEqual([{ do: 'pull', image: 'engine:1.0.3' }])
    expect(planned.status).toMatchObject({ phase: 'Pulling', engine: { version: '1.0.3' } })
  })

  it('passes over disabled versions', () => {
    const engineVersions = [anEngineVersion('1.0.0'), anEngineVersion('1.0.3', { disabled: true })]
    expect(plan(observing({ game: aGame(), engineVersions })).actions).toEqual([{ do: 'pull', image: 'engine:1.0.0' }])
  })

  it('says that no version matches, and waits', () => {
    const observation = observing({ game: aGame(), engineVersions: [anEngineVersion('2.0.0')] })
    expect(actions(observation)).toEqual([])
    const message = 'no enabled EngineVersion matches ~1.0; there are 2.0.0'
    expect(condition(observation, 'Degraded')).toMatchObject({ status: 'True', reason: 'NoEngineVersion', message })
  })

  it('tells once which versions there are when none matches, and again when there are others', () => {
    const versions = [anEngineVersion('2.0.0'), anEngineVersion('1.0.0', { disabled: true })]
    const first = plan(observing({ game: aGame(), engineVersions: versions }))
    const message = 'no enabled EngineVersion matches ~1.0; there are 2.0.0, 1.0.0 (disabled)'
    expect(first.events).toEqual([{ type: 'Warning', reason: 'NoEngineVersion', message }])
    const told = aGame({ status: first.status })
    expect(plan(observing({ game: told, engineVersions: versions })).events).toEqual([])
    const more = [...versions, anEngineVersion('3.0.0')]
    expect(plan(observing({ game: told, engineVersions: more })).events).toMatchObject([
      { message: expect.stringContaining('there are 3.0.0, 2.0.0, 1.0.0 (disabled)') },
    ])
    expect(plan(observing({ game: aGame(), engineVersions: [] })).events).toMatchObject([
      { message: expect.stringContaining('there is none: apply one') },
    ])
  })

  it('runs on with its engine when a version is asked for that there is not, and says so', () => {
    const game = aReadyGame({ spec: { engine: { version: '~9.9' } } })
    const planned = plan(observing({ game, engines: [anEngine(game)], probe: answering({ turn: 4 }) }))
    expect(planned.actions).toEqual([])
    expect(planned.events).toMatchObject([{ reason: 'NoEngineVersion' }])
    expect(planned.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Degraded', status: 'True', reason: 'NoEngineVersion' }),
    )
  })

  it('starts the engine under a raised epoch that is written first', () => {
    const game = aGame({ status: { engine: { image: 'engine:1.0.0', imageDigest: 'sha256:1', epoch: 4 } } })
    const planned = plan(observing({ game }))
    expect(planned.status).toMatchObject({ phase: 'Starting', engine: { epoch: 5 } })
    expect(planned.actions).toMatchObject([{ do: 'start', spec: { epoch: 5, image: 'engine:1.0.0' } }])
  })

  it('waits for the lobby to fill its roster', () => {
    const game = aGame({ spec: { players: [], enrollment: { minPlayers: 2, maxPlayers: 4 } } })
    expect(actions(observing({ game }))).toEqual([])
    expect(condition(observing({ game }), 'Ready')).toMatchObject({ reason: 'WaitingForPlayers' })
  })

  it('waits for players, and says so, when it has none and no lobby', () => {
    const game = aGame({ spec: { players: [] } })
    expect(actions(observing({ game }))).toEqual([])
    expect(plan(observing({ game })).status.phase).toBe('Pending')
    for (const type of ['Ready', 'Degraded', 'TurnsActive']) {
      expect(condition(observing({ game }), type), type).toMatchObject({ status: 'False', reason: 'NoPlayers' })
    }
  })

  it('that was created without players says that nobody can play it', () => {
    const game = aReadyGame({ spec: { players: [] } })
    const observation = observing({ game, engines: [anEngine(game)], probe: answering({ turn: 4 }) })
    expect(condition(observation, 'Ready')).toMatchObject({ status: 'True' })
    expect(condition(observation, 'Degraded')).toMatchObject({ status: 'False', reason: 'NoPlayers' })
  })

  it('is left alone when its spec is wrong and nothing refused it', () => {
    const violations = [{ field: 'spec.turns.schedule', value: 'x', message: 'must be cron' }]
    const observation = observing({ game: aGame(), violations })
    expect(actions(observation)).toEqual([])
    expect(plan(observation).status.phase).toBe('Failed')
    expect(condition(observation, 'Degraded')?.message).toBe('spec.turns.schedule: must be cron')
  })

  it('is left alone when reconciliation is disabled', () => {
    const game = aGame({ metadata: { annotations: { 'galaxy.dev/reconcile': 'disabled' } } })
    expect(plan(observing({ game }))).toMatchObject({ actions: [], status: game.status })
  })
})

describe('a starting engine', () => {
  const game = aGame({
    status: { phase: 'Starting', engine: { image: 'engine:1.0.0', imageDigest: 'd', ref: 'process/7', epoch: 1 } },
  })
  const starting = (change: Partial<Observation>) =>
    observing({ game, engines: [anEngine(game, { startedAt: '2026-03-01T11:59:50.000Z' })], ...change })

  it('is waited for until it is healthy', () => {
    expect(actions(starting({ probe: { state: 'unreachable', message: 'no' } }))).toEqual(['awaitHealthy'])
  })

  it('is ended when it is not healthy in time', () => {
    const late = starting({ probe: { state: 'unreachable', message: 'no' }, now: new Date('2026-03-01T12:01:00Z') })
    expect(actions(late)).toEqual(['stop'])
    expect(condition(late, 'Degraded')).toMatchObject({ status: 'True', reason: 'NeverHealthy' })
  })

  it('is ended at once when it answers nonsense', () => {
    const nonsense = starting({ probe: { state: 'nonsense', message: 'GET /healthz answered …' } })
    expect(actions(nonsense)).toEqual(['stop'])
    expect(condition(nonsense, 'Degraded')).toMatchObject({ status: 'True', reason: 'BadAnswer' })
  })

  it('creates the game once it is healthy', () => {
    const observation = starting({ probe: answering({ initialized: false }) })
    expect(plan(observation).status.phase).toBe('Initializing')
    expect(plan(observation).actions).toMatchObject([{ do: 'init', body: { gameId: 'uid-1', settings: {} } }])
  })

  describe('that refuses to create the game over and over', () => {
    const refusing = (failures: number, now = noon) => {
      const engine = { ...game.status.engine, failures, lastFailureAt: noon.toISOString() }
      const refused = aGame({ status: { ...game.status, phase: 'Initializing', engine } })
      return plan({ ...starting({ probe: answering({ initialized: false }), now }), game: refused })
    }

    it.each([
      { failures: 4, phase: 'Initializing' },
      { failures: 5, phase: 'Failed' },
    ])('is $phase after $failures refusals', ({ failures, phase }) => {
      expect(refusing(failures)).toMatchObject({ actions: [], status: { phase } })
    })

    it('is asked again all the same', () => {
      const { againAt } = refusing(5)
      expect(againAt?.getTime()).toBeGreaterThan(noon.getTime())
      expect(refusing(5, againAt).actions).toMatchObject([{ do: 'init' }])
    })
  })

  it('is Ready once the game is created', () => {
    const observation = starting({ probe: answering() })
    expect(plan(observation).status.phase).toBe('Running')
    for (const type of ['EngineReady', 'Initialized', 'TurnsActive', 'Ready']) {
      expect(condition(observation, type)?.status, type).toBe('True')
    }
    expect(condition(observation, 'Degraded')?.status).toBe('False')
  })

  it('that ends before it was healthy is degraded with what it said', () => {
    const exited = anEngine(game, { state: 'exited', exit: { code: 3, requested: false, output: 'boom' } })
    const observation = observing({ game, engines: [exited] })
    expect(condition(observation, 'Degraded')).toMatchObject({ reason: 'EngineExited' })
    expect(condition(observation, 'Degraded')?.message).toBe('the engine ended with exit code 3: boom')
  })
})

describe('an engine that ends', () => {
  const exited = (game = aReadyGame(), requested = false) =>
    observing({ game, engines: [anEngine(game, { state: 'exited', exit: { signal: 'SIGKILL', requested } })] })

  it('is started again at once, counted and told', () => {
    const planned = plan(exited())
    expect(planned.actions).toMatchObject([{ do: 'start', spec: { epoch: 2 } }])
    expect(planned.status.engine).toMatchObject({ restarts: 1, epoch: 2 })
    expect(planned.events).toMatchObject([{ reason: 'Restarted', message: expect.stringContaining('SIGKILL') }])
  })

  it('is started again at once also when it was found silent before its end was seen', () => {
    const game = aReadyGame()
    const silent = plan(
      observing({ game, engines: [anEngine(game)], probe: { state: 'unreachable', message: 'reset' } }),
    )
    const planned = plan(exited({ ...game, status: silent.status }))
    expect(planned.actions).toMatchObject([{ do: 'start' }])
    expect(planned.events).toMatchObject([{ reason: 'Restarted' }])
  })

  it('is no restart when the platform ended it', () => {
    const planned = plan(exited(aReadyGame(), true))
    expect(planned.actions).toMatchObject([{ do: 'start' }])
    expect(planned.status.engine?.restarts).toBe(0)
  })

  it('again and again is started more and more seldom, and degraded', () => {
    const engine = {
      ...aReadyGame().status.engine,
      startedAt: noon.toISOString(),
      crashes: 3,
      lastFailureAt: noon.toISOString(),
    }
    const planned = plan(exited(aReadyGame({ status: { engine } })))
    expect(planned.actions).toEqual([])
    expect(planned.againAt?.getTime()).toBeGreaterThan(noon.getTime() + 5000)
    expect(planned.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Degraded', reason: 'CrashLooping' }),
    )
  })

  it('is started at once however often starts had failed before it was ready', () => {
    const engine = { ...aReadyGame().status.engine, failures: 6, lastFailureAt: noon.toISOString() }
    const degraded = { type: 'Degraded', status: 'True', reason: 'ImageUnavailable', message: 'no such image' }
    const conditions = [
      ...(aReadyGame().status.conditions ?? []),
      { ...degraded, lastTransitionTime: '2026-03-01T11:00:00Z' },
    ]
    const game = aReadyGame({ status: { engine: { ...engine, startedAt: noon.toISOString() }, conditions } })
    const engines = [anEngine(game, { startedAt: noon.toISOString() })]
    const ready = plan(observing({ game, engines, probe: answering({ turn: 4 }) }))
    expect(ready.status.engine).toMatchObject({ failures: 0 })
    expect(ready.status.conditions).toContainEqual(expect.objectContaining({ type: 'Degraded', reason: 'AsExpected' }))
    for (const status of [ready.status, game.status]) {
      const planned = plan(exited({ ...game, status }))
      expect(planned.actions).toMatchObject([{ do: 'start' }])
      expect(planned.events).toMatchObject([{ reason: 'Restarted' }])
    }
  })

  it('is tried at once when the spec is edited', () => {
    const engine = {
      image: 'engine:1.0.0',
      imageDigest: 'd',
      failures: 9,
      lastFailureAt: noon.toISOString(),
      epoch: 9,
      restarts: 9,
    }
    const waiting = aReadyGame({ status: { engine } })
    expect(actions(observing({ game: waiting }))).toEqual([])
    expect(actions(observing({ game: { ...waiting, metadata: { ...waiting.metadata, generation: 2 } } }))).toEqual([
      'start',
    ])
  })
})

describe('a running engine', () => {
  const running = (change: Partial<Observation> = {}, game = aReadyGame()) =>
    observing({ game, engines: [anEngine(game)], probe: answering({ turn: 4 }), ...change })

  it('that is well is left alone', () => {
    expect(actions(running())).toEqual([])
    expect(plan(running()).againAt?.getTime()).toBe(noon.getTime() + defaultPolicy.healthCheckMs)
  })

  it('is adopted, not restarted, when the status does not know it', () => {
    const game = aReadyGame({ status: { engine: { image: 'engine:1.0.0', imageDigest: 'd', epoch: 0 } } })
    const planned = plan(running({}, game))
    expect(planned.actions).toEqual([])
    expect(planned.status.engine).toMatchObject({ ref: 'process/7', epoch: 1, restarts: 0 })
    expect(planned.events).toMatchObject([{ reason: 'Adopted' }])
  })

  it('keeps its version, newer ones or not, when the status is lost', () => {
    const game = aGame()
    const engineVersions = [anEngineVersion('1.0.0'), anEngineVersion('1.0.9')]
    const planned = plan(running({ engineVersions }, game))
    expect(planned.actions).toEqual([])
    expect(planned.status.engine?.version).toBe('1.0.0')
  })

  it('that does not answer is given time, then replaced', () => {
    const probe = { state: 'unreachable' as const, message: 'timeout' }
    const first = plan(running({ probe }))
    expect(first.actions).toEqual([])
    expect(condition(running({ probe }), 'Ready')).toMatchObject({ status: 'False', reason: 'Unreachable' })
    const later = { probe, now: new Date(noon.getTime() + 31_000) }
    const second = plan(running(later, { ...aReadyGame(), status: first.status }))
    expect(second.actions).toEqual([{ do: 'stop' }])
    expect(second.status.engine).toMatchObject({ restarts: 1 })
  })

  it('that lost the state of played turns is not made to begin anew', () => {
    const observation = running({ probe: answering({ initialized: false }) })
    expect(actions(observation)).toEqual([])
    expect(condition(observation, 'Degraded')).toMatchObject({ reason: 'StateLost' })
  })
})

describe('a finished game', () => {
  const finished = (now: Date) => {
    const game = aReadyGame({ spec: { ttlAfterFinished: '1h' }, status: { finishedAt: '2026-03-01T11:30:00Z' } })
    return observing({ game, now, engines: [anEngine(game)], probe: answering({ turn: 4, finished: true }) })
  }

  it('is deleted once its time to live is over', () => {
    expect(actions(finished(noon))).toEqual([])
    expect(actions(finished(new Date('2026-03-01T12:30:00Z')))).toEqual(['deleteGame'])
  })
})

describe('a stopped game', () => {
  const stopped = (change: Partial<Observation>) => {
    const game = aReadyGame({ spec: { runState: 'Stopped', ...every5 } })
    return observing({ game, engines: [anEngine(game)], ...change })
  }

  it('ends its engine and keeps the state', () => {
    expect(plan(stopped({}))).toMatchObject({ actions: [{ do: 'stop' }], status: { phase: 'Stopping' } })
    expect(plan(stopped({ engines: [] }))).toMatchObject({
      actions: [],
      status: { phase: 'Stopped', engine: { restarts: 0 } },
    })
  })
})

describe('a deleted game', () => {
  const deleted = (spec: object, finalizers = ['galaxy.dev/engine']) =>
    observing({ game: aReadyGame({ spec, metadata: { deletionTimestamp: '2026-03-01T12:00:00Z', finalizers } }) })

  it('ends its engine and removes the state before it lets go', () => {
    expect(actions(deleted({}))).toEqual(['removeEngine', 'removeData', 'releaseFinalizer'])
  })

  it('keeps the state when told to retain it', () => {
    expect(actions(deleted({ storage: { retain: 'Retain' } }))).toEqual(['removeEngine', 'releaseFinalizer'])
  })

  it('is none of our business once our finalizer is gone', () => {
    expect(actions(deleted({}, ['other']))).toEqual([])
  })
  describe('with reconciliation disabled', () => {
    const held = (status: object = {}) => {
      const annotations = { 'galaxy.dev/reconcile': 'disabled' }
      const game = aReadyGame({ metadata: { deletionTimestamp: '2026-03-01T12:00:00Z', annotations }, status })
      return observing({ game, engines: [anEngine(game)] })
    }

    it('waits, touches neither engine nor data, and says once how to go on', () => {
      const planned = plan(held())
      expect(planned.actions).toEqual([])
      expect(planned.events).toMatchObject([
        { reason: 'DeletionHeld', message: expect.stringContaining('kubectl annotate game andromeda') },
      ])
      expect(planned.status.conditions).toContainEqual(
        expect.objectContaining({ type: 'Degraded', status: 'True', reason: 'DeletionHeld' }),
      )
      expect(planned.status).toMatchObject({ phase: 'Running', engine: aReadyGame().status.engine })
      expect(plan(held(planned.status)).events).toEqual([])
    })
  })
})

describe('a game whose status was written by a clock that was ahead', () => {
  const ahead = '2031-01-01T00:00:00.000Z'

  it('waits for no longer than its longest backoff', () => {
    const engine = { image: 'engine:1.0.0', imageDigest: 'd', failures: 9, lastFailureAt: ahead, epoch: 9, restarts: 9 }
    const planned = plan(observing({ game: aGame({ status: { engine } }) }))
    expect(planned.actions).toEqual([])
    expect(planned.againAt?.getTime()).toBeLessThanOrEqual(noon.getTime() + defaultPolicy.restartBackoff.maxMs)
    const status = { ...planned.status }
    const later = plan(observing({ game: aGame({ status }), now: planned.againAt ?? noon }))
    expect(later.actions).toMatchObject([{ do: 'start' }])
  })

  it('is started again within the longest backoff when machines have rejected it', () => {
    const turnedAway = { times: 9, epoch: 9, at: ahead, why: 'no' }
    const engine = { image: 'engine:1.0.0', imageDigest: 'd', epoch: 9, restarts: 9, turnedAway }
    const planned = plan(observing({ game: aGame({ status: { engine } }) }))
    expect(planned.againAt?.getTime()).toBeLessThanOrEqual(noon.getTime() + defaultPolicy.restartBackoff.maxMs)
    const later = plan(observing({ game: aGame({ status: planned.status }), now: planned.againAt ?? noon }))
    expect(later.actions).toMatchObject([{ do: 'start' }])
  })

  it('has its failed turn tried again within the longest backoff', () => {
    const game = aReadyGame({ spec: every5, turn: { running: 5, attempts: 2, lastAttemptAt: ahead } })
    const first = plan(observing({ game, engines: [anEngine(game)], probe: answering({ turn: 4 }) }))
    expect(first.actions).toEqual([])
    expect(first.againAt?.getTime()).toBeLessThanOrEqual(noon.getTime() + defaultPolicy.turnBackoff.maxMs)
    const again = { ...game, status: first.status }
    const now = first.againAt ?? noon
    expect(
      plan(observing({ game: again, now, engines: [anEngine(game)], probe: answering({ turn: 4 }) })).actions,
    ).toMatchObject([{ do: 'runTurn' }])
  })

  it('has a silent engine replaced, and one that does not come up ended, in their usual time', () => {
    const after = (ms: number) => new Date(noon.getTime() + ms)
    const probe = { state: 'unreachable' as const, message: 'no' }
    const conditions = aReadyGame().status.conditions?.map((each) => ({
      ...each,
      ...(each.type === 'EngineReady' && { status: 'False', reason: 'Unreachable', lastTransitionTime: ahead }),
    }))
    const silent = aReadyGame({ status: { conditions } })
    const seen = plan(observing({ game: silent, engines: [anEngine(silent)], probe }))
    const stillSilent = { ...silent, status: seen.status }
    expect(actions(observing({ game: stillSilent, now: after(31_000), engines: [anEngine(silent)], probe }))).toEqual([
      'stop',
    ])
    const starting = aGame({ status: { engine: { image: 'engine:1.0.0', imageDigest: 'd', epoch: 1 } } })
    const engines = [anEngine(starting, { startedAt: ahead })]
    const first = plan(observing({ game: starting, engines, probe }))
    expect(first.actions).toMatchObject([{ do: 'awaitHealthy', deadline: after(60_000) }])
    const late = { ...starting, status: first.status }
    expect(actions(observing({ game: late, now: after(61_000), engines, probe }))).toEqual(['stop'])
  })

  it('is deleted its time to live after now', () => {
    const game = aReadyGame({ spec: { ttlAfterFinished: '1h' }, status: { finishedAt: ahead } })
    const finished = (now: Date, status = game.status) => ({
      ...observing({ game: { ...game, status }, now, engines: [anEngine(game)] }),
      probe: answering({ turn: 4, finished: true }),
    })
    const first = plan(finished(noon))
    expect(actions(finished(new Date(noon.getTime() + 3_600_000), first.status))).toEqual(['deleteGame'])
  })
})
