import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../platform/json.ts'
import { isTrue } from '../../platform/kubernetes/conditions.ts'
import { noon } from './fixtures.ts'
import { plan } from './plan.ts'
import { defaultPolicy } from './policy.ts'
import { chaos, createWorld, disturb, restThoroughly, settleDown, ticksUntil } from './world.ts'

describe('a game under any disturbance, with passes that die anywhere', () => {
  it('comes to run as its spec says, and then plans nothing', () => {
    fc.assert(
      fc.property(fc.array(chaos, { maxLength: 40 }), (events) => {
        const world = createWorld()
        events.forEach((event, index) => disturb(world, event, index))
        restThoroughly(world)
        const { spec, status } = world.get()
        const running = world.engines.filter(({ state }) => state === 'running')
        expect(running).toHaveLength(spec.runState === 'Stopped' ? 0 : 1)
        expect(status.phase).toBe(spec.runState)
        expect(isTrue(status.conditions ?? [], 'Ready')).toBe(spec.runState !== 'Stopped')
        expect(status.turn?.number).toBe(spec.runState === 'Stopped' ? status.turn?.number : world.disk.turn)
        const again = plan(world.observe(), defaultPolicy)
        expect(again.actions).toEqual([])
        expect(again.events).toEqual([])
        expect(canonicalJson(again.status)).toBe(canonicalJson(status))
      }),
      { numRuns: 300 },
    )
  })

  it('fails nothing because of its machines, and costs them few attempts', () => {
    const machines = chaos.filter(({ what }) => ['pass', 'tick', 'machines', 'evict'].includes(what))
    fc.assert(
      fc.property(fc.array(machines, { maxLength: 40 }), (events) => {
        const world = createWorld()
        events.forEach((event, index) => disturb(world, event, index))
        // Together shorter than what a machine may take.
        fc.pre(world.now().getTime() - noon.getTime() < 600_000)
        settleDown(world)
        expect(world.get().status.engine?.failures).toBe(0)
        world.machinesAre('refusing')
        world.evict()
        const before = world.get().status.engine?.epoch ?? 0
        for (let second = 0; second < 3600; second += 5) {
          world.tick(5000)
          settleDown(world)
        }
        expect((world.get().status.engine?.epoch ?? 0) - before).toBeLessThan(25)
        expect(world.get().status.engine?.failures).toBe(0)
      }),
      { numRuns: 20 },
    )
  })

  it('never generates more turns than were due or forced', () => {
    fc.assert(
      fc.property(fc.array(chaos, { maxLength: 60 }), (events) => {
        const world = createWorld()
        settleDown(world)
        const from = world.now()
        events.forEach((event, index) => disturb(world, event, index))
        settleDown(world)
        expect(world.seen.generated).toBeLessThanOrEqual(ticksUntil(from, world.now()) + world.seen.forced)
      }),
      { numRuns: 300 },
    )
  })

  it('finds its running engine and turn again when its whole status is lost', () => {
    fc.assert(
      fc.property(fc.array(chaos, { maxLength: 20 }), (events) => {
        const world = createWorld()
        events.forEach((event, index) => disturb(world, event, index))
        world.edit({ runState: 'Running' })
        restThoroughly(world)
        const before = world.get().status
        world.wipeStatus()
        settleDown(world)
        const after = world.get().status
        expect(after.engine).toMatchObject({ ref: before.engine?.ref, epoch: before.engine?.epoch, restarts: 0 })
        expect(after.turn?.number).toBe(before.turn?.number)
      }),
      { numRuns: 100 },
    )
  })

  it('leaves nothing behind when it is deleted', () => {
    fc.assert(
      fc.property(fc.array(chaos, { maxLength: 20 }), fc.nat({ max: 5 }), (events, crashAfter) => {
        const world = createWorld()
        settleDown(world)
        events.forEach((event, index) => disturb(world, event, index))
        const { metadata } = world.get()
        Object.assign(metadata, { deletionTimestamp: world.now().toISOString() })
        world.pass(crashAfter)
        world.pass()
        expect(world.isGone()).toBe(true)
        expect(world.engines.some(({ state }) => state === 'running')).toBe(false)
      }),
      { numRuns: 100 },
    )
  })
})
