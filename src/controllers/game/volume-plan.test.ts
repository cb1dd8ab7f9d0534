import { describe, expect, it } from 'vitest'
import type { Game } from '../../resources/index.ts'
import { anEngine, answering, aReadyGame, noon, observing } from './fixtures.ts'
import type { Observation } from './observation.ts'
import { plan as decide } from './plan.ts'
import { defaultPolicy } from './policy.ts'
import { settle } from './settle.ts'

const plan = (observation: Observation) => decide(observation, defaultPolicy)
const sized = (size: string) => aReadyGame({ spec: { storage: { size } } })
const seen = (game: Game, data = { size: '1Gi', isBeingRemoved: false }) =>
  observing({ game, data, engines: [anEngine(game)], probe: answering({ turn: 4 }) })
const volume = ({ status }: Pick<Game, 'status'>) => status.conditions?.find(({ type }) => type === 'VolumeReady')

describe("a game's volume", () => {
  it.each(['1Gi', '1024Mi'])('that is as large as %s needs nothing said or done', (size) => {
    const planned = plan(seen(sized(size)))
    expect(planned).toMatchObject({ actions: [], events: [] })
    expect(volume(planned)).toBeUndefined()
  })

  it('grows under the running engine', () => {
    const planned = plan(seen(sized('2Gi')))
    expect(planned.actions).toEqual([{ do: 'growData', size: '2Gi' }])
    const { events } = settle(sized('2Gi'), { of: 'growData', size: '2Gi' }, noon)
    expect(events).toMatchObject([{ type: 'Normal', reason: 'VolumeGrowing' }])
  })

  it('that cannot grow is told of, and tried again when the spec changes; the game goes on', () => {
    const action = { do: 'growData' as const, size: '2Gi' }
    const failed = { of: 'failed' as const, action, reason: 'StartFailed', message: 'no resize', engineEnded: false }
    const { status, events } = settle(sized('2Gi'), failed, noon)
    expect(events).toMatchObject([{ type: 'Warning', reason: 'VolumeCannotGrow', message: 'no resize' }])
    expect(volume({ status })).toMatchObject({ status: 'False', reason: 'CannotGrow' })
    expect(status.engine?.failures).toBe(0)
    const refused = { ...sized('2Gi'), status }
    expect(plan(seen(refused)).actions).toEqual([])
    expect(plan(seen(refused)).status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True' }),
    )
    const edited = { ...refused, metadata: { ...refused.metadata, generation: 2 } }
    expect(plan(seen(edited)).actions).toEqual([action])
    const grown = plan(seen(refused, { size: '2Gi', isBeingRemoved: false }))
    expect(volume(grown)).toMatchObject({ status: 'True' })
  })

  it('does not shrink, and says so once', () => {
    const planned = plan(seen(sized('512Mi')))
    expect(planned).toMatchObject({ actions: [], events: [{ type: 'Warning', reason: 'VolumeCannotShrink' }] })
    expect(plan(seen({ ...sized('512Mi'), status: planned.status })).events).toEqual([])
  })

  it('that somebody has deleted under the engine is told of while its data can be saved', () => {
    const planned = plan(seen(sized('2Gi'), { size: '1Gi', isBeingRemoved: true }))
    expect(planned).toMatchObject({ actions: [], events: [{ type: 'Warning', reason: 'VolumeBeingRemoved' }] })
    expect(volume(planned)).toMatchObject({ status: 'False', reason: 'BeingRemoved' })
  })
})

describe('a game whose engine comes up on an empty volume', () => {
  const empty = (game: Game) => observing({ game, engines: [anEngine(game)], probe: answering({ initialized: false }) })

  it('with turns played is Failed, told once, and not begun anew', () => {
    const planned = plan(empty(aReadyGame()))
    expect(planned).toMatchObject({ actions: [], events: [{ type: 'Warning', reason: 'StateLost' }] })
    expect(planned.status.phase).toBe('Failed')
    expect(plan(empty({ ...aReadyGame(), status: planned.status })).events).toEqual([])
  })

  it('before its first turn is created again, and it is told that orders are lost', () => {
    const planned = plan(empty(aReadyGame({ turn: { number: 0 } })))
    expect(planned.actions).toMatchObject([{ do: 'init' }])
    expect(planned.events).toMatchObject([{ type: 'Warning', reason: 'StateLost' }])
  })
})
