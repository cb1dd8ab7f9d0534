import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../platform/json.ts'
import { isTrue } from '../../platform/kubernetes/conditions.ts'
import { wakeAnnotation } from '../../resources/index.ts'
import { plan } from './plan.ts'
import { defaultPolicy } from './policy.ts'
import { chaos, createWorld, disturb, restThoroughly, settleDown, ticksUntil, type World } from './world.ts'

describe('a game that may sleep, under any disturbance', () => {
  const schedule = '0 0 * * * *'
  const sleepy = { schedule, hibernation: { idleAfter: '1m' } }
  const disturbed = (events: readonly Parameters<typeof disturb>[1][]) => {
    const world = createWorld(sleepy)
    events.forEach((event, index) => disturb(world, event, index))
    return world
  }
  const asleepUntil = (world: World) => {
    const { nextAt } = world.get().status.turn ?? {}
    return nextAt ? Date.parse(nextAt) - defaultPolicy.wakeLeadMs : undefined
  }

  it('comes to sleep when nobody plays and no turn is due, and then plans nothing', () => {
    fc.assert(
      fc.property(fc.array(chaos, { maxLength: 40 }), (events) => {
        const world = disturbed(events)
        // Past the hour, and past every wait: but not into the next hour's turn.
        restThoroughly(world)
        const toTheHourMs = 3_600_000 - (world.now().getTime() % 3_600_000)
        world.tick(toTheHourMs + 60_000)
        settleDown(world)
        restThoroughly(world)
        const { spec, status } = world.get()
        expect(world.engines.filter(({ state }) => state === 'running')).toEqual([])
        expect(status.phase).toBe(spec.runState === 'Stopped' ? 'Stopped' : 'Hibernated')
        expect(isTrue(status.conditions ?? [], 'Ready')).toBe(false)
        expect(isTrue(status.conditions ?? [], 'TurnsActive')).toBe(spec.runState === 'Running')
        const again = plan(world.observe(), defaultPolicy)
        expect(again.actions).toEqual([])
        expect(again.events).toEqual([])
        expect(canonicalJson(again.status)).toBe(canonicalJson(status))
        if (spec.runState === 'Running') expect(again.againAt?.getTime()).toBe(asleepUntil(world))
      }),
      { numRuns: 200 },
    )
  })

  it('is awake whenever somebody has just asked for it, and before its turn', () => {
    const reason = fc.constantFrom('call', 'turn')
    fc.assert(
      fc.property(fc.array(chaos, { maxLength: 20 }), reason, fc.array(fc.nat({ max: 5 })), (events, why, crashes) => {
        const world = disturbed(events)
        world.edit({ runState: 'Running' })
        restThoroughly(world)
        const wakeAt = asleepUntil(world)
        if (why === 'turn' && wakeAt) world.tick(Math.max(0, wakeAt - world.now().getTime()))
        else world.note(wakeAnnotation)
        for (const crashAfter of crashes) world.pass(crashAfter)
        settleDown(world)
        expect(isTrue(world.get().status.conditions ?? [], 'Ready')).toBe(true)
        expect(world.engines.filter(({ state }) => state === 'running')).toHaveLength(1)
      }),
      { numRuns: 200 },
    )
  })

  it('never generates more turns than were due or forced', () => {
    fc.assert(
      fc.property(fc.array(chaos, { maxLength: 60 }), fc.nat({ max: 7_200_000 }), (events, ms) => {
        const world = createWorld(sleepy)
        settleDown(world)
        const from = world.now()
        events.forEach((event, index) => disturb(world, event, index))
        world.tick(ms)
        settleDown(world)
        expect(world.seen.generated).toBeLessThanOrEqual(ticksUntil(from, world.now(), schedule) + world.seen.forced)
      }),
      { numRuns: 200 },
    )
  })
})
