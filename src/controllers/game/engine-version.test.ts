import { describe, expect, it } from 'vitest'
import { aGame, anEngine, anEngineVersion, answering, aReadyGame, noon, observing } from './fixtures.ts'
import type { Observation } from './observation.ts'
import { plan as decide } from './plan.ts'
import { defaultPolicy } from './policy.ts'

const plan = (observation: Observation) => decide(observation, defaultPolicy)
const running = (change: Partial<Observation> = {}, game = aReadyGame()) =>
  observing({ game, engines: [anEngine(game)], probe: answering({ turn: 4 }), ...change })

describe("the version of a game's engine", () => {
  it('is replaced at the turn boundary when another patch version is asked for, its state kept', () => {
    const game = aReadyGame({ spec: { engine: { version: '1.0.3' } } })
    const engineVersions = [anEngineVersion('1.0.0'), anEngineVersion('1.0.3')]
    const old = [anEngine(game)]
    const pulling = plan(running({ engineVersions, engines: old }, game))
    expect(pulling.actions).toEqual([{ do: 'pull', image: 'engine:1.0.3' }])
    const pulled = { ...game, status: { ...pulling.status, engine: { ...pulling.status.engine, imageDigest: 'x' } } }
    const planned = plan(running({ engineVersions, engines: old }, aGame({ ...pulled })))
    expect(planned.actions).toEqual([{ do: 'stop' }])
    expect(planned.status.engine).toMatchObject({ restarts: 0, version: '1.0.3' })
  })

  it('is not replaced during a turn, whoever began it: only after it', () => {
    const engineVersions = [anEngineVersion('1.0.0'), anEngineVersion('1.0.3')]
    const game = aReadyGame({ spec: { engine: { version: '1.0.3' } }, turn: { running: 5 } })
    const owed = running({ engineVersions, engines: [anEngine(game)] }, game)
    expect(plan(owed).actions).toMatchObject([{ do: 'runTurn', turn: 5 }])
    expect(plan({ ...owed, probe: answering({ turn: 5 }) }).actions).toEqual([{ do: 'pull', image: 'engine:1.0.3' }])
  })

  it('is replaced in spite of a turn that it fails to generate, once that is given up', () => {
    const engineVersions = [anEngineVersion('1.0.0'), anEngineVersion('1.0.3')]
    const turn = { running: 5, attempts: 3, lastAttemptAt: noon.toISOString(), lastError: 'a bug' }
    const game = aReadyGame({ spec: { engine: { version: '1.0.3' } }, turn })
    const givenUp = plan(running({ engineVersions, engines: [anEngine(game)] }, game))
    expect(givenUp.actions).toEqual([])
    const later = running({ engineVersions, engines: [anEngine(game)] }, { ...game, status: givenUp.status })
    expect(plan(later).actions).toEqual([{ do: 'pull', image: 'engine:1.0.3' }])
  })

  it('keeps the pinned version while the range contains it, newer ones or not', () => {
    const engineVersions = [anEngineVersion('1.0.0', { disabled: true }), anEngineVersion('1.0.9')]
    expect(plan(running({ engineVersions })).actions).toEqual([])
  })
})

describe('a game whose version is disabled', () => {
  it('starts again with it after its engine ended', () => {
    const game = aReadyGame()
    const engineVersions = [anEngineVersion('1.0.0', { disabled: true }), anEngineVersion('1.0.9')]
    const engines = [anEngine(game, { state: 'exited', exit: { signal: 'SIGKILL', requested: false } })]
    expect(plan(observing({ game, engineVersions, engines })).actions).toMatchObject([
      { do: 'start', spec: { image: 'engine:1.0.0' } },
    ])
  })
})

describe('a game that has not been created yet', () => {
  it('chooses again when the version that it was about to start with is disabled', () => {
    const engineVersions = [anEngineVersion('1.0.0'), anEngineVersion('1.0.3', { disabled: true })]
    const game = aGame({ status: { engine: { version: '1.0.3', image: 'engine:1.0.3' } } })
    expect(plan(observing({ game, engineVersions })).actions).toEqual([{ do: 'pull', image: 'engine:1.0.0' }])
  })
})
