import { describe, expect, it } from 'vitest'
import { warnOfGame } from './warnings.ts'

const players = [{ userId: 'u', raceName: 'Terrans' }]

describe('an engine image', () => {
  it.each(['engine', 'registry:5000/engine', 'engine:latest', 'registry.example/a/engine:latest'])(
    'that may change is warned of: %s',
    (image) => {
      expect(warnOfGame({ spec: { players, engine: { image } } })).toMatchObject([{ field: 'spec.engine.image' }])
    },
  )

  it.each(['engine:1.0.3', 'registry:5000/engine:1', 'engine@sha256:abc', 'engine:latest@sha256:abc'])(
    'that stays what it is needs no warning: %s',
    (image) => {
      expect(warnOfGame({ spec: { players, engine: { image } } })).toEqual([])
    },
  )

  it('that a version names needs no warning', () => {
    expect(warnOfGame({ spec: { players, engine: { version: '~1.0' } } })).toEqual([])
    expect(warnOfGame('nonsense')).toEqual([])
  })
})

describe('a game that nobody can play', () => {
  const engine = { version: '~1.0' }

  it.each([{ engine }, { engine, players: [] }])('is warned of: %j', (spec) => {
    expect(warnOfGame({ spec })).toMatchObject([{ field: 'spec.players' }])
  })

  it('is none while it is stopped and may wait for its players', () => {
    expect(warnOfGame({ spec: { engine, runState: 'Stopped' } })).toEqual([])
    expect(warnOfGame({ spec: { engine, runState: 'Paused' } })).toHaveLength(1)
  })

  it('is none while the lobby fills its roster', () => {
    expect(warnOfGame({ spec: { engine, enrollment: { minPlayers: 2, maxPlayers: 4 } } })).toEqual([])
  })
})
