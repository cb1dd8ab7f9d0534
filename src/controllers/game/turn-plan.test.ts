import { describe, expect, it } from 'vitest'
import { aGame, anEngine, answering, aReadyGame, noon, observing } from './fixtures.ts'
import type { Observation } from './observation.ts'
import { plan as decide } from './plan.ts'
import { defaultPolicy } from './policy.ts'

const plan = (observation: Observation) => decide(observation, defaultPolicy)
const every5 = { turns: { schedule: '*/5 * * * * *' } }

describe('turns', () => {
  const at = (seconds: number) => new Date(noon.getTime() + seconds * 1000)
  const playing = (
    turn: object,
    {
      now = noon,
      engineTurn = 4,
      spec = every5,
      status = {},
    }: { now?: Date; engineTurn?: number; spec?: object; status?: object } = {},
  ) => {
    const game = aReadyGame({ spec, turn, status })
    return observing({ game, now, engines: [anEngine(game)], probe: answering({ turn: engineTurn }) })
  }

  it('are planned by the schedule in its time zone', () => {
    const spec = { turns: { schedule: '0 18 * * *', timeZone: 'Europe/Berlin' } }
    expect(plan(playing({}, { spec })).status.turn?.nextAt).toBe('2026-03-01T17:00:00.000Z')
  })

  it.each([
    { season: 'before', now: '2026-03-28T20:00:00Z', next: '2026-03-29T16:00:00.000Z' },
    { season: 'after', now: '2026-10-24T20:00:00Z', next: '2026-10-25T17:00:00.000Z' },
  ])('keep their hour of the day $season a daylight-saving change', ({ now, next }) => {
    const spec = { turns: { schedule: '0 18 * * *', timeZone: 'Europe/Berlin' } }
    expect(plan(playing({}, { spec, now: new Date(now) })).status.turn?.nextAt).toBe(next)
  })

  it('that are due are owed and the moment consumed in one write, before they are run', () => {
    const planned = plan(playing({ nextAt: noon.toISOString() }))
    expect(planned.actions).toMatchObject([{ do: 'runTurn', turn: 5, dueAt: noon }])
    expect(planned.status.turn).toMatchObject({ number: 4, running: 5, nextAt: at(5).toISOString() })
  })

  it('that are not due yet wait', () => {
    const planned = plan(playing({ nextAt: at(5).toISOString() }))
    expect(planned.actions).toEqual([])
    expect(planned.againAt).toEqual(at(5))
  })

  it('that were generated but not recorded are recorded and not run again', () => {
    const planned = plan(playing({ running: 5, nextAt: at(5).toISOString() }, { engineTurn: 5 }))
    expect(planned.actions).toEqual([])
    expect(planned.status.turn).toMatchObject({ number: 5 })
    expect(planned.status.turn?.running).toBeUndefined()
  })

  it('that are owed are run even though their moment has passed', () => {
    expect(plan(playing({ running: 5, nextAt: at(5).toISOString() })).actions).toMatchObject([
      { do: 'runTurn', turn: 5 },
    ])
  })

  it.each([
    { catchUp: 'One', missed: ['runTurn'] },
    { catchUp: 'Skip', missed: [] },
  ])('missed while the platform was down are made up for by $missed with catchUp $catchUp', ({ catchUp, missed }) => {
    const spec = { turns: { schedule: '0 * * * *', catchUp } }
    const planned = plan(playing({ nextAt: '2026-03-01T09:00:00.000Z' }, { spec, now: at(60) }))
    expect(planned.actions.map((action) => action.do)).toEqual(missed)
    expect(planned.status.turn?.nextAt).toBe('2026-03-01T13:00:00.000Z')
  })

  describe.each([
    { over: 'a time left out', schedule: '30 2 * * *', due: '03-29T01:00', now: '03-29T07:10', next: '03-30T00:30' },
    { over: 'a time shown twice', schedule: '30 2 * * *', due: '10-25T00:30', now: '10-25T07:10', next: '10-26T01:30' },
    { over: 'its first showing', schedule: '30 2 * * *', due: '10-25T00:30', now: '10-25T01:10', next: '10-26T01:30' },
    { over: 'an hour left out', schedule: '0 1-4 * * *', due: '03-29T00:00', now: '03-29T01:10', next: '03-29T02:00' },
    { over: 'the hours around', schedule: '0 1-4 * * *', due: '03-29T00:00', now: '03-29T07:10', next: '03-29T23:00' },
    { over: 'an hour twice', schedule: '0 1-4 * * *', due: '10-24T23:00', now: '10-25T00:10', next: '10-25T02:00' },
    { over: 'the jump', schedule: '*/15 * * * *', due: '03-29T00:45', now: '03-29T01:10', next: '03-29T01:15' },
    { over: 'the way back', schedule: '*/15 * * * *', due: '10-25T00:15', now: '10-25T01:10', next: '10-25T01:15' },
  ])('missed by $schedule over $over of a daylight-saving change', ({ schedule, due, now, next }) => {
    const time = (text: string) => new Date(`2026-${text}:00.000Z`)
    const missed = (catchUp: string) =>
      playing(
        { nextAt: time(due).toISOString() },
        { spec: { turns: { schedule, timeZone: 'Europe/Berlin', catchUp } }, now: time(now) },
      )

    it('are made up for by exactly one with catchUp One', () => {
      const observation = missed('One')
      const first = plan(observation)
      expect(first.actions).toMatchObject([{ do: 'runTurn', turn: 5, dueAt: time(due) }])
      expect(first.status.turn?.nextAt).toBe(time(next).toISOString())
      const ran = { ...observation, game: { ...observation.game, status: first.status }, probe: answering({ turn: 5 }) }
      const second = plan(ran)
      expect(second.actions).toEqual([])
      expect(second.status.turn).toMatchObject({ number: 5, nextAt: time(next).toISOString() })
    })

    it('are made up for by none with catchUp Skip', () => {
      const planned = plan(missed('Skip'))
      expect(planned.actions).toEqual([])
      expect(planned.events).toMatchObject([{ reason: 'TurnSkipped' }])
      expect(planned.status.turn?.nextAt).toBe(time(next).toISOString())
    })
  })

  it('are forced by a changed token, once, and the next scheduled one is skipped', () => {
    const spec = { turns: { schedule: '*/5 * * * * *', forceToken: 'now' } }
    const forced = plan(playing({ nextAt: at(5).toISOString(), forceToken: 'before' }, { spec }))
    expect(forced.actions).toMatchObject([{ do: 'runTurn', turn: 5 }])
    expect(forced.status.turn).toMatchObject({ forceToken: 'now', skipNext: true, nextAt: at(10).toISOString() })
    const after = (status: object, now: Date) => playing({}, { spec, now, status, engineTurn: 5 })
    const done = { ...forced.status, turn: { ...forced.status.turn, number: 5, running: undefined } }
    expect(plan(after(done, at(2))).status.turn?.nextAt).toBe(at(10).toISOString())
    expect(plan(after(done, at(2))).againAt).toEqual(at(5))
    expect(plan(after(done, at(5)))).toMatchObject({
      actions: [],
      events: [{ reason: 'TurnSkipped', message: expect.stringContaining(at(10).toISOString()) }],
      status: { turn: { skipNext: false, nextAt: at(10).toISOString() } },
    })
    const next = plan(after(plan(after(done, at(5))).status, at(10)))
    expect(next.actions).toMatchObject([{ do: 'runTurn', turn: 6 }])
  })

  it('are skipped after a forced one also where an earlier version has written what comes next', () => {
    const spec = { turns: { schedule: '*/5 * * * * *', forceToken: 'now' } }
    const tick = playing({ nextAt: at(5).toISOString(), forceToken: 'now', skipNext: true }, { spec, now: at(5) })
    expect(plan(tick)).toMatchObject({
      actions: [],
      status: { turn: { skipNext: false, nextAt: at(10).toISOString() } },
    })
  })

  it('that follow the skipped one run although both were missed', () => {
    const turn = { nextAt: at(10).toISOString(), skipAt: at(5).toISOString(), skipNext: true }
    const planned = plan(playing(turn, { now: at(12) }))
    expect(planned.events).toMatchObject([{ reason: 'TurnSkipped' }])
    expect(planned.actions).toMatchObject([{ do: 'runTurn', turn: 5, dueAt: at(10) }])
    expect(planned.status.turn).toMatchObject({ skipNext: false, nextAt: at(15).toISOString() })
  })

  it('of today are not skipped for one that was forced before a pause', () => {
    const turn = { skipAt: at(5).toISOString(), skipNext: true }
    const paused = plan(playing(turn, { spec: { ...every5, runState: 'Paused' }, now: at(7) }))
    expect(paused.status.turn?.nextAt).toBeUndefined()
    const resumed = plan(playing({ ...paused.status.turn }, { now: at(32) }))
    expect(resumed.status.turn).toMatchObject({ skipNext: false, nextAt: at(35).toISOString() })
  })

  it('are told as the next one only if they will run', () => {
    const last = { turns: { schedule: '*/5 * * * * *', maxTurns: 5 } }
    const planned = plan(playing({ nextAt: noon.toISOString() }, { spec: last }))
    expect(planned.actions).toMatchObject([{ do: 'runTurn', turn: 5 }])
    expect(planned.status.turn?.nextAt).toBeUndefined()
    const raised = { turns: { ...last.turns, maxTurns: 6 } }
    expect(plan(playing({}, { spec: raised, engineTurn: 5 })).status.turn?.nextAt).toBe(at(5).toISOString())
    const onDemand = plan(playing({ nextAt: at(5).toISOString(), skipNext: true }, { spec: { turns: {} } }))
    expect(onDemand.status.turn).toMatchObject({ skipNext: false })
    expect(onDemand.status.turn?.nextAt).toBeUndefined()
  })

  it.each(['2026-03-02T00:00:00.000Z', '2031-01-01T00:00:00.000Z'])(
    'reckoned for %s by a clock that was wrong are reckoned anew',
    (nextAt) => {
      expect(plan(playing({ nextAt })).status.turn?.nextAt).toBe(at(5).toISOString())
    },
  )

  it.each([
    { runState: 'Paused', fate: 'runs as soon as turns run again' },
    { runState: 'Stopped', fate: 'runs as soon as turns run again' },
    { runState: 'Running', maxTurns: 4, fate: 'is not run while the game is finished' },
  ])('that are asked for while none run are told of once ($runState)', ({ runState, maxTurns, fate }) => {
    const spec = { runState, turns: { schedule: '*/5 * * * * *', maxTurns, forceToken: 'now' } }
    const asked = playing({ forceToken: 'before' }, { spec })
    const first = plan(asked)
    const told = { reason: 'ForcedTurnWaits', message: expect.stringContaining(`forceToken "now" asks for ${fate}`) }
    expect(first.events).toContainEqual(expect.objectContaining(told))
    expect(first.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'TurnsActive', status: 'False', message: expect.stringContaining(fate) }),
    )
    const second = plan({ ...asked, game: { ...asked.game, status: first.status } })
    expect(second.events.map(({ reason }) => reason)).not.toContain('ForcedTurnWaits')
  })

  it('are forced by an annotation like by a token, each once, and one after the other', () => {
    const annotated = (turn: object) => {
      const spec = { turns: { schedule: '*/5 * * * * *', forceToken: 'now' } }
      const metadata = { annotations: { 'galaxy.dev/force-turn': 'k1' } }
      const game = aReadyGame({ spec, metadata, turn: { nextAt: at(5).toISOString(), ...turn } })
      return plan(observing({ game, engines: [anEngine(game)], probe: answering({ turn: 4 }) }))
    }
    const both = annotated({ forceToken: 'before' })
    expect(both.actions).toMatchObject([{ do: 'runTurn', turn: 5 }])
    expect(both.status.turn).toMatchObject({ forceToken: 'now' })
    expect(both.status.turn?.forceTurn).toBeUndefined()
    const forced = annotated({ forceToken: 'now' })
    expect(forced.actions).toMatchObject([{ do: 'runTurn', turn: 5 }])
    expect(forced.status.turn).toMatchObject({ forceToken: 'now', forceTurn: 'k1', skipNext: true })
    expect(annotated({ forceToken: 'now', forceTurn: 'k1' }).actions).toEqual([])
  })

  it('are not forced by the annotation that a game is restored with', () => {
    const game = aGame({ metadata: { annotations: { 'galaxy.dev/force-turn': 'k1' } } })
    expect(plan(observing({ game })).status.turn?.forceTurn).toBe('k1')
  })

  it('are not forced by the token a game is created with', () => {
    const game = aGame({ spec: { turns: { forceToken: 'x' } }, status: {} })
    expect(plan(observing({ game })).status.turn?.forceToken).toBe('x')
  })

  it('are planned anew when the schedule changes', () => {
    const spec = { turns: { schedule: '0 18 * * *' } }
    const planned = plan(playing({ nextAt: '2026-03-01T11:59:55.000Z' }, { spec }))
    expect(planned.actions).toEqual([])
    expect(planned.status.turn?.nextAt).toBe('2026-03-01T18:00:00.000Z')
  })

  it('that failed are tried again after a while', () => {
    const turn = { running: 5, attempts: 1, lastAttemptAt: noon.toISOString(), nextAt: at(5).toISOString() }
    expect(plan(playing(turn)).actions).toEqual([])
    expect(plan(playing(turn, { now: at(2) })).actions).toMatchObject([{ do: 'runTurn', turn: 5 }])
  })

  it('that failed too often are given up, and the schedule goes on', () => {
    const turn = {
      running: 5,
      attempts: 3,
      lastAttemptAt: noon.toISOString(),
      lastError: 'disk full',
      nextAt: at(5).toISOString(),
    }
    const planned = plan(playing(turn))
    expect(planned.actions).toEqual([])
    expect(planned.status.turn).toMatchObject({ failedTurns: 1, attempts: 0, nextAt: at(5).toISOString() })
    expect(planned.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Degraded', message: 'disk full' }),
    )
  })

  it('given up too often pause the game until the spec changes', () => {
    const turn = { failedTurns: 3, nextAt: noon.toISOString() }
    const paused = plan(playing(turn))
    expect(paused).toMatchObject({ actions: [], status: { phase: 'Paused' } })
    expect(paused.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'TurnsActive', reason: 'TurnFailures' }),
    )
    const edited = plan(playing(turn, { status: { observedGeneration: 0 } }))
    expect(edited.status.phase).toBe('Running')
  })

  it('rest while the game is paused, and those missed meanwhile are not made up for', () => {
    const planned = plan(playing({ nextAt: noon.toISOString() }, { spec: { ...every5, runState: 'Paused' } }))
    expect(planned).toMatchObject({ actions: [], status: { phase: 'Paused' } })
    expect(planned.status.turn?.nextAt).toBeUndefined()
  })

  it('of a lobby game wait for its registration', () => {
    const spec = { ...every5, enrollment: { minPlayers: 2, maxPlayers: 2 } }
    expect(plan(playing({ nextAt: noon.toISOString() }, { spec })).actions).toEqual([])
    const status = { registeredAt: noon.toISOString() }
    expect(plan(playing({ nextAt: noon.toISOString() }, { spec, status })).actions).toMatchObject([{ do: 'runTurn' }])
  })

  it('end at maxTurns', () => {
    const planned = plan(
      playing({ nextAt: noon.toISOString() }, { spec: { turns: { schedule: '*/5 * * * * *', maxTurns: 4 } } }),
    )
    expect(planned).toMatchObject({ actions: [], status: { phase: 'Finished', finishedAt: noon.toISOString() } })
  })

  it('end when the engine says so, with its result', () => {
    const observation = { ...playing({}), probe: answering({ turn: 4, finished: true, result: { winner: 'Zerks' } }) }
    expect(plan(observation).status).toMatchObject({ phase: 'Finished', result: { winner: 'Zerks' } })
  })
})
