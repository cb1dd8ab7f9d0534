import { describe, expect, it } from 'vitest'
import type { EngineInstance } from '../hosts/index.ts'
import { aGame, anEngine, answering, aReadyGame, noon, observing } from './fixtures.ts'
import type { Observation } from './observation.ts'
import { plan as decide } from './plan.ts'
import { defaultPolicy } from './policy.ts'
import { settle } from './settle.ts'

const plan = (observation: Observation) => decide(observation, defaultPolicy)
const condition = (observation: Observation, type: string) =>
  plan(observation).status.conditions?.find((each) => each.type === type)
const after = (ms: number) => new Date(noon.getTime() + ms)

const why = 'node node-1: NodeAffinity: Predicate NodeAffinity failed'
const exit = { requested: false, turnedAway: why }
const engine = { image: 'engine:1.0.0', imageDigest: 'd', epoch: 3 }
const starting = aGame({ status: { phase: 'Starting', engine } })
const refused = (game = starting, change: Partial<EngineInstance> = {}) =>
  anEngine(game, { state: 'exited', epoch: 3, endpoint: undefined, exit, ...change })
const seen = (game = starting, now = noon) => observing({ game, now, engines: [refused(game)] })

describe('an engine that its machine refuses before it ever ran', () => {
  it('has not failed, and says why in the words of the machine', () => {
    const planned = plan(seen())
    expect(planned).toMatchObject({ actions: [], events: [{ type: 'Warning', reason: 'Unschedulable' }] })
    expect(planned.status.engine).toMatchObject({ failures: 0, restarts: 0, epoch: 3, turnedAway: { times: 1, why } })
    for (const type of ['EngineReady', 'Ready', 'Degraded'])
      expect(condition(seen(), type)).toMatchObject({ reason: 'Unschedulable', message: expect.stringContaining(why) })
  })

  it('is not taken for one that ran when its start is over', () => {
    const settled = settle(starting, { of: 'start', instance: refused() }, noon)
    expect(settled).toMatchObject({ events: [], status: { engine } })
    expect(settled.status.engine?.ref).toBeUndefined()
  })

  it('is tried again under the next epoch, after a pause', () => {
    const { status, againAt = noon } = plan(seen())
    expect(againAt.getTime() - noon.getTime()).toBeGreaterThanOrEqual(1000)
    expect(againAt.getTime() - noon.getTime()).toBeLessThanOrEqual(2000)
    const waiting = aGame({ status })
    const early = new Date(againAt.getTime() - 1)
    // Whether or not the machine still knows it.
    for (const engines of [[], [refused(waiting)]]) {
      expect(plan(observing({ game: waiting, now: early, engines }))).toMatchObject({ actions: [], events: [], status })
      expect(plan(observing({ game: waiting, now: againAt, engines })).actions).toMatchObject([
        { do: 'start', spec: { epoch: 4 } },
      ])
    }
  })

  it('again and again is tried ever more seldom, and told of once', () => {
    let game = starting
    let now = noon
    const pauses: number[] = []
    for (let epoch = 3; epoch < 15; epoch += 1) {
      const told = plan(observing({ game, now, engines: [refused(game, { epoch })] }))
      expect(told.events).toHaveLength(epoch === 3 ? 1 : 0)
      const { againAt = now } = told
      pauses.push(againAt.getTime() - now.getTime())
      now = againAt
      game = aGame({ status: plan(observing({ game: aGame({ status: told.status }), now })).status })
    }
    expect(pauses.slice(0, 6)).toEqual(pauses.slice(0, 6).toSorted((a, b) => a - b))
    for (const pause of pauses.slice(8)) {
      expect(pause).toBeGreaterThanOrEqual(225_000)
      expect(pause).toBeLessThanOrEqual(300_000)
    }
    expect(game.status.engine).toMatchObject({ failures: 0 })
  })

  it('is tried within two seconds when the spec is edited', () => {
    const status = {
      ...starting.status,
      engine: { ...engine, turnedAway: { times: 9, epoch: 3, at: after(0).toISOString(), why } },
    }
    const edited = aGame({ status, metadata: { generation: 2 } })
    expect(plan(seen(edited)).againAt?.getTime()).toBeLessThanOrEqual(after(2000).getTime())
  })

  it('leaves nothing wrong with its game once one is well, and is forgotten', () => {
    const { status } = plan(seen())
    const game = aGame({ status })
    const startedAt = noon.toISOString()
    const well = (now: Date) =>
      observing({ game, now, engines: [anEngine(game, { epoch: 4, startedAt })], probe: answering() })
    expect(condition(well(after(1000)), 'Degraded')).toMatchObject({ status: 'False' })
    expect(plan(well(after(1000))).status.engine?.turnedAway).toBeUndefined()
  })
})

describe('a running engine that its machine evicts', () => {
  const evicted = (game = aReadyGame()) => observing({ game, engines: [refused(game, { epoch: 1, exit })] })

  it('is counted as a restart and not as a failure, and is started again after a pause', () => {
    const planned = plan(evicted())
    expect(planned.actions).toEqual([])
    expect(planned.status.engine).toMatchObject({ restarts: 1, failures: 0, turnedAway: { evictions: 1, epoch: 1 } })
    expect(planned.events.map(({ reason }) => reason)).toEqual(['Restarted', 'Unschedulable'])
    expect(planned.events[0]?.message).toContain(why)
    const game = aReadyGame({ status: planned.status })
    expect(plan({ ...evicted(game), now: planned.againAt ?? noon }).actions).toMatchObject([{ do: 'start' }])
  })

  it('is remembered until one has run for a while', () => {
    const turnedAway = { times: 6, evictions: 2, epoch: 1, at: noon.toISOString(), why }
    const game = aReadyGame({ status: { engine: { ...aReadyGame().status.engine, turnedAway } } })
    const well = (ms: number) => {
      const engines = [anEngine(game, { startedAt: noon.toISOString() })]
      return plan(observing({ game, now: after(ms), engines, probe: answering({ turn: 4 }) })).status.engine
    }
    expect(well(59_000)?.turnedAway).toMatchObject({ times: 0, evictions: 2 })
    expect(well(60_000)?.turnedAway).toBeUndefined()
  })

  it('before it was ready has not failed either', () => {
    const game = aGame({ status: { ...starting.status, engine: { ...engine, ref: 'process/7' } } })
    expect(plan(seen(game)).status.engine).toMatchObject({ failures: 0, turnedAway: { times: 1 } })
  })

  it('when it was asked to end, has only ended', () => {
    const asked = observing({ game: starting, engines: [refused(starting, { exit: { ...exit, requested: true } })] })
    expect(plan(asked).status.engine?.turnedAway).toBeUndefined()
  })
})
