import { describe, expect, it } from 'vitest'
import { createWorld } from './galaxy.ts'
import { distance } from './numbers.ts'
import { readGameSettings, sizes } from './settings.ts'

describe('a galaxy', () => {
  it.each([0, 1, 2, 8, 40])('for %i races gives each the same home, apart from the others', (players) => {
    const raceNames = Array.from({ length: players }, (_, index) => `Race ${index}`)
    const world = createWorld({ gameId: 'g', raceNames, settings: readGameSettings({ size: 'small' }) })
    const homes = world.planets.filter(({ owner }) => owner !== null)
    expect(world.planets).toHaveLength(Math.max(players, 1) * sizes.small)
    expect(world.planets.map(({ id }) => id)).toEqual(world.planets.map((_, index) => index + 1))
    expect(new Set(homes.map(({ owner }) => owner))).toEqual(new Set(raceNames))
    expect(new Set(homes.map(({ size, industry, resources }) => `${size}/${industry}/${resources}`)).size).toBeLessThan(
      2,
    )
    for (const a of homes) for (const b of homes) if (a !== b) expect(distance(a, b)).toBeGreaterThan(5)
    for (const race of raceNames) expect(world.groups.filter(({ owner }) => owner === race)).toHaveLength(2)
  })

  it('without a seed follows from the game\u2019s id', () => {
    const make = (gameId: string) => createWorld({ gameId, raceNames: ['A', 'B'], settings: readGameSettings({}) })
    expect(make('x')).toEqual(make('x'))
    expect(make('x').planets).not.toEqual(make('y').planets)
  })
})

describe('settings', () => {
  it('have defaults', () => {
    expect(readGameSettings({})).toEqual({ size: 'small', victoryShare: 0.6 })
  })

  it.each([
    [{ size: 'huge' }, 'settings.size'],
    [{ seed: 1.5 }, 'settings.seed'],
    [{ victoryShare: 2 }, 'settings.victoryShare'],
    [{ maxTurns: 0 }, 'settings.maxTurns'],
    [{ colour: 'red' }, 'settings.colour: there is no such setting'],
  ])('%j are refused by name', (given, said) => {
    expect(() => readGameSettings(given)).toThrow(said)
  })
})
