import { describe, expect, it } from 'vitest'
import { aGame, anEngine, aReadyGame, noon, observing } from './fixtures.ts'
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

it('a condition has whole characters only, so that it is read again as it was written', () => {
  const probe = { state: 'unreachable' as const, message: `${'x'.repeat(1999)}😀` }
  const game = aReadyGame()
  expect(condition(observing({ game, engines: [anEngine(game)], probe }), 'Ready')?.message.isWellFormed()).toBe(true)
})
