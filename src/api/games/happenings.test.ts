import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { Game } from '../../resources/index.ts'
import { aGame, aTurn, gameUid, holds, playing, resting } from './fixtures.ts'
import { type Announced, happenings, nothingAnnounced, standingOf } from './happenings.ts'

/** What is told of each of these, one after the other. */
function told(...games: readonly Game[]) {
  let before: Announced = nothingAnnounced
  return games.map((game) => {
    const after = standingOf(before, game)
    const events = happenings(before, after, game)
    before = after
    return events
  })
}

const types = (events: readonly { eventType: string }[]) => events.map(({ eventType }) => eventType)
const lastTold = (...games: readonly Game[]) => types(told(...games).at(-1) ?? [])
const finishedAt = '2026-03-01T12:00:00.000Z'

describe('what players are told of a game', () => {
  it('is nothing before the engine has created it', () => {
    const pending = aGame({ status: { phase: 'Starting', conditions: [], turn: aTurn(0) } })
    expect(
      told(pending, aGame({ spec: { runState: 'Stopped' }, status: { conditions: [], turn: undefined } })),
    ).toEqual([[], []])
  })

  it('begins with turn 0 once it has been created', () => {
    const pending = aGame({ status: { conditions: [], turn: undefined } })
    expect(told(pending, aGame({ status: { turn: aTurn(0) } })).at(-1)).toEqual([
      {
        eventType: 'game.turn.started',
        payload: { game_id: gameUid, name: 'andromeda', turn: 0, next_turn_at: '2026-03-02T12:00:00.000Z' },
      },
    ])
  })

  it('is the newest turn only, when several went by unseen', () => {
    const [, events] = told(aGame(), aGame({ status: { turn: aTurn(9) } }))
    expect(events?.map(({ payload }) => payload)).toMatchObject([{ turn: 9 }])
  })

  it('is the turn also when it has gone back, because orders are for another turn now', () => {
    expect(told(aGame(), aGame({ status: { turn: aTurn(2) } })).at(-1)).toMatchObject([{ payload: { turn: 2 } }])
  })

  it('is nothing twice', () => {
    expect(lastTold(aGame(), aGame())).toEqual([])
  })

  it('is a deadline that has moved', () => {
    const moved = aGame({ status: { turn: aTurn(4, { nextAt: '2026-03-03T12:00:00.000Z' }) } })
    expect(told(aGame(), moved).at(-1)).toMatchObject([
      { eventType: 'game.turn.deadline_changed', payload: { turn: 4, next_turn_at: '2026-03-03T12:00:00.000Z' } },
    ])
    const gone = aGame({ status: { turn: aTurn(4, { nextAt: undefined }) } })
    expect(told(aGame(), gone).at(-1)).toMatchObject([{ payload: { next_turn_at: null } }])
  })

  it('is not the deadline after the turn that is being generated, until that turn is there', () => {
    const nextAt = '2026-03-03T12:00:00.000Z'
    const running = aGame({ status: { turn: aTurn(4, { nextAt, running: 5 }) } })
    const done = aGame({ status: { turn: aTurn(5, { nextAt }) } })
    expect(told(aGame(), running, done).slice(1)).toMatchObject([
      [],
      [{ eventType: 'game.turn.started', payload: { turn: 5, next_turn_at: nextAt } }],
    ])
  })

  it('is a turn that could not be generated, once for each that was given up', () => {
    const failed = (failedTurns: number, turn = 4) => aGame({ status: { turn: aTurn(turn, { failedTurns }) } })
    const events = told(aGame(), failed(1), failed(1), failed(2), failed(0), failed(1))
    expect(events.slice(1).map(types)).toEqual([
      ['game.turn.generation_failed'],
      [],
      ['game.turn.generation_failed'],
      [],
      ['game.turn.generation_failed'],
    ])
    expect(events[1]).toMatchObject([{ payload: { turn: 5 } }])
    expect(lastTold(failed(1), failed(1, 5))).toEqual(['game.turn.started', 'game.turn.generation_failed'])
  })

  it.each(['Paused', 'Stopped', 'TurnFailures', 'StateLost'])(
    'is that turns rest (%s), and that they go on',
    (reason) => {
      const paused = aGame({ status: { conditions: resting(reason), turn: aTurn(4, { nextAt: undefined }) } })
      expect(told(aGame(), paused, aGame()).slice(1).map(types)).toEqual([['game.paused'], ['game.resumed']])
    },
  )

  it('is nothing while an engine is replaced', () => {
    const unwell = [holds('Initialized'), holds('Ready', { status: 'False' }), holds('TurnsActive')]
    const restarting = aGame({ status: { phase: 'Starting', conditions: unwell } })
    expect(told(aGame(), restarting, aGame()).slice(1)).toEqual([[], []])
  })

  it('is not that a game goes on which is only waiting for the lobby', () => {
    const turn = aTurn(0, { nextAt: undefined })
    const waiting = aGame({ status: { conditions: resting('WaitingForRegistration'), turn } })
    expect(told(waiting, aGame({ status: { turn: aTurn(0) } })).map(types)).toEqual([
      ['game.turn.started'],
      ['game.turn.deadline_changed'],
    ])
  })

  it('is the end, after the turn that brought it, and that it goes on when more turns are allowed', () => {
    const turn = aTurn(5, { nextAt: undefined })
    const finished = aGame({ status: { conditions: resting('Finished'), finishedAt, turn } })
    const stopped = aGame({ status: { conditions: resting('Stopped'), finishedAt, turn } })
    expect(
      told(aGame(), finished, stopped, aGame({ status: { turn: aTurn(5) } }))
        .slice(1)
        .map(types),
    ).toEqual([['game.turn.started', 'game.finished'], [], ['game.resumed']])
  })

  it('comes to the same standing by whatever way: only what is there now counts, and the last turn is always told', () => {
    const someGame = fc
      .record({
        number: fc.nat(5),
        failedTurns: fc.nat(2),
        conditions: fc.constantFrom(playing(), resting('Paused'), resting('Finished'), []),
        finished: fc.boolean(),
      })
      .map(({ number, failedTurns, conditions, finished }) =>
        aGame({ status: { conditions, turn: aTurn(number, { failedTurns }), ...(finished && { finishedAt }) } }),
      )
    fc.assert(
      fc.property(fc.array(someGame), fc.nat(5), (games, number) => {
        const last = aGame({ status: { turn: aTurn(number) } })
        const turns = told(...games, last)
          .flat()
          .flatMap(({ eventType, payload }) => (eventType === 'game.turn.started' ? [payload.turn] : []))
        expect(turns.at(-1)).toBe(number)
        for (const [index, turn] of turns.entries()) expect(turn).not.toBe(turns[index - 1])
      }),
    )
  })
})
