import { describe, expect, it } from 'vitest'
import { disruptionOf } from './disruption.ts'
import { anEngine, answering, aReadyGame, noon, observing } from './fixtures.ts'
import { plan as decide } from './plan.ts'
import { defaultPolicy } from './policy.ts'

const every5s = { turns: { schedule: '*/5 * * * * *' } }

/** A game on a host that moves engines, and holds this opinion. */
function onHost(
  safeToEvict: boolean | undefined,
  { turn = {}, spec = every5s }: { turn?: object; spec?: object } = {},
) {
  const game = aReadyGame({ spec, turn: { nextAt: '2026-03-01T12:00:05Z', ...turn } })
  return decide(
    observing({ game, engines: [anEngine(game, { safeToEvict })], probe: answering({ turn: 4 }) }),
    defaultPolicy,
  )
}

describe('an engine', () => {
  it('may be moved between turns, and not during one', () => {
    expect(disruptionOf(aReadyGame())).toEqual({ safeToEvict: true })
    expect(disruptionOf(aReadyGame({ turn: { running: 5 } }))).toEqual({ safeToEvict: false })
  })

  it.each(['Starting', 'Initializing'])('may be moved while it comes up (%s)', (phase) => {
    expect(disruptionOf(aReadyGame({ status: { phase } }))).toEqual({ safeToEvict: true })
  })

  it('is held where it is before its turn is run, and let go after it', () => {
    expect(onHost(true, { turn: { nextAt: noon.toISOString() } }).actions).toMatchObject([
      { do: 'annotate', safeToEvict: false },
      { do: 'runTurn', turn: 5 },
    ])
    expect(onHost(false).actions).toEqual([{ do: 'annotate', safeToEvict: true }])
  })

  it.each([true, undefined])('that the host knows to be movable (%s) is not told of again', (safeToEvict) => {
    expect(onHost(safeToEvict).actions).toEqual([])
  })

  it('that is stopped needs no word about it', () => {
    expect(onHost(false, { spec: { ...every5s, runState: 'Stopped' } }).actions).toEqual([{ do: 'stop' }])
  })
})
