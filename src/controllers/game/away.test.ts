import { describe, expect, it } from 'vitest'
import type { Game } from '../../resources/index.ts'
import { anEngine, answering, aReadyGame, noon, observing } from './fixtures.ts'
import type { Observation } from './observation.ts'
import { plan as decide } from './plan.ts'
import { defaultPolicy } from './policy.ts'

const plan = (observation: Observation) => decide(observation, defaultPolicy)
const silent = { state: 'unreachable' as const, message: 'connection refused' }
const later = (ms: number) => new Date(noon.getTime() + ms)

describe('an engine whose node does not answer', () => {
  const away = (game: Game, change: Partial<Observation> = {}) =>
    observing({ game, engines: [anEngine(game, { away: 'node n1 does not answer' })], probe: silent, ...change })

  it('is told of, once, as something that nobody knows', () => {
    const planned = plan(away(aReadyGame()))
    expect(planned.events).toMatchObject([{ type: 'Warning', reason: 'NodeAway' }])
    const conditions = [
      { type: 'EngineReady', status: 'Unknown', reason: 'NodeAway' },
      { type: 'Ready', status: 'False', reason: 'NodeAway' },
      { type: 'Degraded', status: 'True', reason: 'NodeAway' },
    ]
    for (const each of conditions) expect(planned.status.conditions).toContainEqual(expect.objectContaining(each))
    expect(plan(away({ ...aReadyGame(), status: planned.status })).events).toEqual([])
  })

  it('gets no other in its place, however long that takes and whatever is asked for', () => {
    const first = plan(away(aReadyGame()))
    const edited = aReadyGame({ spec: { engine: { image: 'engine:2' } }, status: first.status })
    const planned = plan(away(edited, { now: later(3_600_000), probe: silent }))
    expect(planned.actions).toEqual([])
    expect(planned.status.engine).toMatchObject({ epoch: 1, restarts: 0 })
  })

  it('goes on as if nothing had been once its node is back, also when its address takes a moment longer', () => {
    const gone = { ...aReadyGame(), status: plan(away(aReadyGame())).status }
    const back = { engines: [anEngine(gone)], now: later(600_000) }
    const quiet = plan(observing({ game: gone, probe: silent, ...back }))
    expect(quiet.actions).toEqual([])
    const well = plan(observing({ game: { ...gone, status: quiet.status }, probe: answering({ turn: 4 }), ...back }))
    expect(well.actions).toEqual([])
    expect(well.status.engine).toMatchObject({ epoch: 1, restarts: 0, failures: 0 })
    expect(well.status.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }))
    expect(well.status.conditions).toContainEqual(expect.objectContaining({ type: 'Degraded', status: 'False' }))
  })

  it('is waited for when its game is deleted, which is told', () => {
    const game = aReadyGame({ metadata: { deletionTimestamp: noon.toISOString() } })
    const { conditions } = plan(away(game)).status
    const message = 'the game is being deleted; it is waited for: node n1 does not answer'
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'Ready', message }))
  })

  it('plays on when it answers all the same, and that is told, too', () => {
    const game = aReadyGame({ spec: { turns: { forceToken: 'now' } } })
    const planned = plan(away(game, { probe: answering({ turn: 4 }) }))
    expect(planned.actions).toMatchObject([{ do: 'runTurn', turn: 5 }])
    expect(planned.events).toMatchObject([{ reason: 'NodeAway' }])
    expect(planned.status.conditions).toContainEqual(expect.objectContaining({ type: 'Degraded', reason: 'NodeAway' }))
    expect(planned.status.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }))
  })
})
