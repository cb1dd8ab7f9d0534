import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Game } from '../../resources/index.ts'
import { anEngine, answering, aReadyGame, noon, observing } from './fixtures.ts'
import type { Observation } from './observation.ts'
import { plan as decide } from './plan.ts'
import { defaultPolicy } from './policy.ts'
import { createSilenceWatch, isWidespread, type Silence, withSilence } from './silence.ts'

const plan = (observation: Observation) => decide(observation, defaultPolicy)
const unreachable = { state: 'unreachable' as const, message: 'connect EHOSTUNREACH' }
const later = (ms: number) => new Date(noon.getTime() + ms)
const counted = (asked: number, silent: number, watchedMs = 600_000): Silence => ({ asked, silent, watchedMs })
const everybody = counted(100, 100)
const few = counted(100, 3)

/** The Game once a pass has written its status. */
const after = (game: Game, change: Partial<Observation>) => {
  const { status } = plan(observing({ game, engines: [anEngine(game)], probe: unreachable, ...change }))
  return Game.parse(JSON.parse(JSON.stringify({ ...game, status })))
}
const look = (game: Game, change: Partial<Observation>) =>
  plan(observing({ game, engines: [anEngine(game)], probe: unreachable, ...change }))

describe('silence', () => {
  it.each([
    { asked: 1, silent: 1, is: false },
    { asked: 2, silent: 2, is: false },
    { asked: 3, silent: 2, is: false },
    { asked: 3, silent: 3, is: true },
    { asked: 6, silent: 3, is: false },
    { asked: 100, silent: 50, is: false },
    { asked: 100, silent: 51, is: true },
  ])('of $silent among $asked engines is widespread: $is', ({ asked, silent, is }) => {
    expect(isWidespread(counted(asked, silent), defaultPolicy)).toBe(is)
  })

  type Step = { do: 'note'; engine: string; isSilent: boolean } | { do: 'forget'; engine: string } | { do: 'wait' }
  const engine = fc.constantFrom('a', 'b', 'c', 'd')
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ do: fc.constant('note' as const), engine, isSilent: fc.boolean() }),
    fc.record({ do: fc.constant('forget' as const), engine }),
    fc.record({ do: fc.constant('wait' as const) }),
  )

  it('is counted by the newest answer of each engine, while that is not too old', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let now = 0
        const watch = createSilenceWatch({ windowMs: 5, elapsedMs: () => now })
        const known = new Map<string, { atMs: number; isSilent: boolean }>()
        for (const each of steps) {
          if (each.do === 'wait') now += 2
          else if (each.do === 'forget') {
            watch.forget(each.engine)
            known.delete(each.engine)
          } else {
            watch.note(each.engine, each.isSilent)
            known.set(each.engine, { atMs: now, isSilent: each.isSilent })
          }
          const recent = [...known.values()].filter(({ atMs }) => now - atMs <= 5)
          const silent = recent.filter(({ isSilent }) => isSilent).length
          expect(watch.look()).toEqual({ asked: recent.length, silent, watchedMs: now })
        }
      }),
    )
  })

  it('is counted anew by whoever begins to look', () => {
    let now = 0
    const watch = createSilenceWatch({ windowMs: 30_000, elapsedMs: () => now })
    watch.note('a', true)
    now = 1000
    watch.reset()
    now = 1500
    expect(watch.look()).toEqual({ asked: 0, silent: 0, watchedMs: 500 })
  })

  const starting = aReadyGame({ status: { conditions: [] } })
  it.each([
    { what: 'one that was well and answers nothing', game: aReadyGame(), is: [1, 1] },
    { what: 'one that answers', game: aReadyGame(), change: { probe: answering() }, is: [1, 0] },
    { what: 'one that answers nonsense', change: { probe: { state: 'nonsense' as const, message: 'x' } }, is: [1, 0] },
    { what: 'one that is not up yet', game: starting, is: [0, 0] },
    { what: 'one that has ended', change: { probe: undefined }, is: [0, 0] },
    { what: 'one on a node that is away', change: { engines: [anEngine(aReadyGame(), { away: 'n1' })] }, is: [0, 0] },
  ])('counts $what as $is', async ({ game = aReadyGame(), change = {}, is }) => {
    const watch = createSilenceWatch({ windowMs: 30_000, elapsedMs: () => 0 })
    const seen = observing({ game, engines: [anEngine(game)], probe: unreachable, ...change })
    const observation = await withSilence(async () => seen, watch)(
      { namespace: 'default', name: 'andromeda' },
      new AbortController().signal,
    )
    expect(observation?.silence).toEqual({ asked: is[0], silent: is[1], watchedMs: 0 })
  })
})

describe('an engine that does not answer, like most others', () => {
  it('is left alone, and nobody is told that it is ill', () => {
    const first = after(aReadyGame(), { silence: few })
    const held = look(first, { silence: everybody, now: later(31_000) })
    expect(held).toMatchObject({ actions: [], events: [], status: { engine: { restarts: 0, epoch: 1 } } })
    const condition = { type: 'EngineReady', status: 'Unknown', reason: 'ManyUnreachable' }
    expect(held.status.conditions).toContainEqual(expect.objectContaining(condition))
    expect(held.againAt).toEqual(later(31_000 + defaultPolicy.healthCheckMs))
    const again = look(after(first, { silence: everybody, now: later(31_000) }), {
      silence: counted(100, 90),
      now: later(3_600_000),
    })
    expect(again.status).toEqual(held.status)
  })

  it('goes on as if nothing had been once it answers', () => {
    const held = after(aReadyGame(), { silence: everybody })
    const well = look(held, { probe: answering({ turn: 4 }), silence: few, now: later(600_000) })
    expect(well).toMatchObject({ actions: [], events: [], status: { engine: { restarts: 0, failures: 0 } } })
    expect(well.status.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }))
  })

  it('is given a while of its own when the others are back, then replaced', () => {
    const held = after(aReadyGame(), { silence: everybody })
    const alone = look(held, { silence: few, now: later(600_000) })
    expect(alone.actions).toEqual([])
    const waited = after(held, { silence: few, now: later(600_000) })
    expect(look(waited, { silence: few, now: later(629_000) }).actions).toEqual([])
    expect(look(waited, { silence: few, now: later(631_000) }).actions).toEqual([{ do: 'stop' }])
  })

  it('is not judged by a leader that has not asked the others yet', () => {
    const first = after(aReadyGame(), { silence: few })
    expect(look(first, { silence: counted(1, 1, 29_000), now: later(31_000) }).actions).toEqual([])
    expect(look(first, { silence: counted(1, 1, 30_000), now: later(31_000) }).actions).toEqual([{ do: 'stop' }])
  })

  it('is started again at once when it has ended', () => {
    const held = after(aReadyGame(), { silence: everybody })
    const engines = [anEngine(held, { state: 'exited', exit: { code: 1, requested: false } })]
    const planned = look(held, { engines, probe: undefined, silence: everybody, now: later(60_000) })
    expect(planned.actions).toMatchObject([{ do: 'start' }])
    expect(planned.events).toMatchObject([{ reason: 'Restarted' }])
  })

  it('is replaced when it answers nonsense for too long: that one is reached', () => {
    const probe = { state: 'nonsense' as const, message: 'GET /healthz answered …' }
    const first = after(aReadyGame(), { probe, silence: everybody })
    expect(look(first, { probe, silence: everybody, now: later(31_000) }).actions).toEqual([{ do: 'stop' }])
  })
})
