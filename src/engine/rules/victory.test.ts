import { describe, expect, it } from 'vitest'
import { newChronicle } from './happenings.ts'
import type { World } from './model.ts'
import { sampleGroup, sampleWorld } from './sample.ts'
import { readGameSettings } from './settings.ts'
import { generateTurn } from './turn.ts'
import { eliminateRaces, judge } from './victory.ts'

function judged(world: World) {
  eliminateRaces(world, newChronicle())
  judge(world, newChronicle())
  return world
}

function without(world: World, ...names: string[]): World {
  const races = world.races.map((race) => ({ ...race, eliminated: names.includes(race.name) }))
  const planets = world.planets.map((planet) =>
    names.includes(planet.owner ?? '') ? { ...planet, owner: null } : planet,
  )
  return { ...world, races, planets }
}

describe('a game ends', () => {
  it('when one race is left', () => {
    const { result } = judged(without(sampleWorld(), 'Vegans'))
    expect(result).toMatchObject({ winner: 'Terrans', reason: 'last_race_standing', turn: 0 })
    expect(result?.standings.map(({ raceName, rank }) => [raceName, rank])).toEqual([
      ['Terrans', 1],
      ['Vegans', 2],
    ])
  })

  it('without a winner when nobody is left', () => {
    expect(judged(without(sampleWorld(), 'Terrans', 'Vegans')).result).toMatchObject({
      winner: null,
      reason: 'all_eliminated',
    })
  })

  it('when a race holds its share of all planets', () => {
    const held = sampleWorld({ planets: [{}, {}, { owner: 'Vegans' }, { owner: 'Vegans' }] })
    expect(judged(held).result).toMatchObject({ winner: 'Vegans', reason: 'planets' })
  })

  it('after its last turn, by score', () => {
    const world = sampleWorld({ planets: [{ population: 101 }] })
    world.settings = readGameSettings({ maxTurns: 5 })
    expect(judged({ ...world, turn: 4 }).result).toBeUndefined()
    expect(judged({ ...world, turn: 5 }).result).toMatchObject({ winner: 'Terrans', reason: 'score' })
    const equal = { ...sampleWorld(), settings: world.settings, turn: 5 }
    expect(judged(equal).result).toMatchObject({ winner: null, reason: 'score' })
  })

  it('not while two share the lead, nor because someone plays alone', () => {
    const world = sampleWorld()
    world.settings = readGameSettings({ victoryShare: 0.1 })
    expect(judged(world).result).toBeUndefined()
    const alone = sampleWorld({ planets: [{}, { owner: null }] })
    expect(judged({ ...alone, races: alone.races.slice(0, 1) }).result).toBeUndefined()
  })
})

describe('a race', () => {
  it('lives on by its ships alone, and is out without', () => {
    const world = sampleWorld({ planets: [{ owner: null }] })
    world.groups = [sampleGroup({ owner: 'Terrans' })]
    expect(judged(world).races[0]?.eliminated).toBe(false)
    world.groups = []
    expect(judged(world).races[0]?.eliminated).toBe(true)
  })

  it('that is banished loses everything in the next turn', () => {
    const world = sampleWorld()
    world.groups = [sampleGroup({ owner: 'Vegans' })]
    const next = generateTurn(world, { orders: [], banished: ['Vegans'] }).world
    expect(next.planets.some(({ owner }) => owner === 'Vegans')).toBe(false)
    expect(next.result).toMatchObject({ winner: 'Terrans', reason: 'last_race_standing' })
  })
})
