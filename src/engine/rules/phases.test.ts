import { describe, expect, it } from 'vitest'
import { bombPlanets } from './bombing.ts'
import { fightBattles } from './combat.ts'
import { desertHomeless } from './desertion.ts'
import { newChronicle } from './happenings.ts'
import { landCargo } from './landing.ts'
import type { Cargo, Group, World } from './model.ts'
import { moveShips } from './movement.ts'
import { runEconomy } from './production.ts'
import { frigate, hauler, sampleGroup, sampleWorld } from './sample.ts'

type Phase = (world: World, chronicle: ReturnType<typeof newChronicle>) => void

function after(phase: Phase, world: World) {
  const chronicle = newChronicle()
  phase(world, chronicle)
  return { world, chronicle, planet: (id: number) => world.planets[id - 1] }
}

function withGroups(world: World, ...groups: (Partial<Group> & { owner: string })[]): World {
  return { ...world, groups: groups.map((group, index) => sampleGroup({ id: index + 1, ...group })) }
}

function atPeace(world: World): World {
  const races = world.races.map((race, index) => ({ ...race, peaceWith: [index === 0 ? 'Vegans' : 'Terrans'] }))
  return { ...world, races }
}

const at = (planet: number) => ({ in: 'orbit' as const, planet })
const colonists = (amount: number): Cargo => ({ kind: 'colonists', amount })

describe('flight', () => {
  it('takes as many turns as the way is long', () => {
    const place = { in: 'flight' as const, from: 1, to: 4, x: 10, y: 0 }
    const world = withGroups(sampleWorld(), { owner: 'Terrans', design: hauler, place })
    expect(after(moveShips, world).world.groups[0]?.place).toEqual({ ...place, x: 26 })
    expect(after(moveShips, world).world.groups[0]?.place).toEqual(at(4))
  })
})

describe('a battle', () => {
  it('is fought to the end between races at war, and both see it', () => {
    const world = withGroups(sampleWorld(), { owner: 'Terrans', ships: 20 }, { owner: 'Vegans', ships: 5 })
    const { chronicle } = after(fightBattles, world)
    expect(new Set(world.groups.map(({ owner }) => owner)).size).toBe(1)
    expect(chronicle.battles[0]?.battle.sides).toMatchObject([
      { raceName: 'Terrans', ships: 20 },
      { raceName: 'Vegans', ships: 5 },
    ])
    expect([...(chronicle.battles[0]?.seenBy ?? [])]).toEqual(['Terrans', 'Vegans'])
  })

  it('is fought when only one side wants war', () => {
    const [terrans, vegans] = atPeace(sampleWorld()).races
    const races = terrans && vegans ? [terrans, { ...vegans, peaceWith: [] }] : []
    const world = withGroups({ ...sampleWorld(), races }, { owner: 'Terrans' }, { owner: 'Vegans' })
    expect(after(fightBattles, world).chronicle.battles).toHaveLength(1)
  })

  it.each([
    ['at peace', (world: World) => withGroups(atPeace(world), { owner: 'Terrans' }, { owner: 'Vegans' })],
    [
      'without guns',
      (world: World) => withGroups(world, { owner: 'Terrans', design: hauler }, { owner: 'Vegans', design: hauler }),
    ],
    ['elsewhere', (world: World) => withGroups(world, { owner: 'Terrans' }, { owner: 'Vegans', place: at(2) })],
  ])('does not happen between ships %s', (_, make) => {
    const { world, chronicle } = after(fightBattles, make(sampleWorld()))
    expect(chronicle.battles).toEqual([])
    expect(world.groups).toHaveLength(2)
  })

  it('costs the cargo of the ships that are lost', () => {
    const freight = { owner: 'Vegans', design: hauler, ships: 400, cargo: colonists(800) }
    const world = withGroups(sampleWorld(), { owner: 'Terrans', ships: 1 }, freight)
    const left = after(fightBattles, world).world.groups.find(({ owner }) => owner === 'Vegans')
    expect(left?.ships).toBeLessThan(400)
    expect(left?.cargo?.amount).toBeCloseTo((left?.ships ?? 0) * 2, 3)
  })
})

describe('bombs', () => {
  it('kill people and industry of those one is at war with', () => {
    const { planet } = after(bombPlanets, withGroups(sampleWorld(), { owner: 'Terrans', ships: 4, place: at(2) }))
    expect(planet(2)).toMatchObject({ owner: 'Vegans', population: 60, industry: 60 })
  })

  it('leave nobody where too many fall', () => {
    const { planet } = after(bombPlanets, withGroups(sampleWorld(), { owner: 'Terrans', ships: 10, place: at(2) }))
    expect(planet(2)).toMatchObject({ owner: null, population: 0, industry: 0 })
  })

  it.each([
    ['the planet is defended', sampleWorld(), [{ owner: 'Vegans', place: at(2) }]],
    ['there is peace', atPeace(sampleWorld()), []],
  ])('do not fall when %s', (_, world, defenders) => {
    const attack = { owner: 'Terrans', ships: 10, place: at(2) }
    expect(after(bombPlanets, withGroups(world, attack, ...defenders)).planet(2)?.population).toBe(100)
  })
})

describe('a landing', () => {
  const landing = (amount: number, planet: number) => ({
    owner: 'Terrans',
    design: hauler,
    cargo: colonists(amount),
    place: at(planet),
    unload: true,
  })

  it('settles an empty planet, and those without room stay colonists', () => {
    const { planet, world } = after(landCargo, withGroups(sampleWorld(), landing(30, 3)))
    expect(planet(3)).toMatchObject({ owner: 'Terrans', population: 200, colonists: 5 })
    expect(world.groups[0]).toMatchObject({ cargo: null, unload: false })
  })

  it('takes an enemy planet when more land than live there, with half of its industry', () => {
    const { planet } = after(landCargo, withGroups(sampleWorld(), landing(20, 2)))
    expect(planet(2)).toMatchObject({ owner: 'Terrans', population: 60, industry: 50 })
  })

  it('is beaten back when fewer land', () => {
    const { planet } = after(landCargo, withGroups(sampleWorld(), landing(5, 2)))
    expect(planet(2)).toMatchObject({ owner: 'Vegans', population: 60 })
  })

  it('does not happen at a friend, nor where armed ships stand guard', () => {
    const friend = after(landCargo, withGroups(atPeace(sampleWorld()), landing(20, 2)))
    const guarded = after(landCargo, withGroups(sampleWorld(), landing(20, 2), { owner: 'Vegans', place: at(2) }))
    for (const { world, planet } of [friend, guarded]) {
      expect(planet(2)).toMatchObject({ owner: 'Vegans', population: 100 })
      expect(world.groups[0]?.cargo).toEqual(colonists(20))
    }
  })

  it('at an empty planet goes to whoever brings more', () => {
    const both = withGroups(sampleWorld(), landing(2, 3), { ...landing(6, 3), owner: 'Vegans' })
    expect(after(landCargo, both).planet(3)?.owner).toBe('Vegans')
  })
})

describe('the economy', () => {
  it.each([
    ['industry', { make: 'industry' as const }, { capital: 20, industry: 100 }],
    ['colonists', { make: 'colonists' as const }, { colonists: 1.25, population: 97.2 }],
    ['half a ship', { make: 'ship' as const, design: 'Hauler' }, { progress: 100 }],
  ])('makes %s', (_, production, made) => {
    const world = sampleWorld({ planets: [{ production }] })
    expect(after(runEconomy, world).planet(1)).toMatchObject(made)
  })

  it('researches for the whole race', () => {
    const world = sampleWorld({ planets: [{ production: { make: 'research', technology: 'cargo' } }] })
    expect(after(runEconomy, world).world.races[0]?.levels).toEqual({ drive: 1, weapons: 1, shields: 1, cargo: 1.04 })
  })

  it('builds ships and keeps what is over for the next', () => {
    const world = sampleWorld({ planets: [{ production: { make: 'ship', design: 'Hauler' }, progress: 500 }] })
    const { planet } = after(runEconomy, world)
    expect(world.groups).toMatchObject([{ owner: 'Terrans', ships: 2, design: hauler }])
    expect(planet(1)?.progress).toBeCloseTo(95)
  })

  it('turns capital into industry as long as there are people for it', () => {
    const world = sampleWorld({ planets: [{ industry: 90, capital: 30, production: { make: 'colonists' } }] })
    expect(after(runEconomy, world).planet(1)).toMatchObject({ capital: 20, industry: 97.2 })
  })
})

describe('ships without a home', () => {
  it('desert by halves', () => {
    const world = withGroups(sampleWorld({ planets: [{ owner: null }] }), { owner: 'Terrans', ships: 5 })
    expect(after(desertHomeless, world).world.groups[0]?.ships).toBe(2)
    expect(after(desertHomeless, world).world.groups[0]?.ships).toBe(1)
    expect(after(desertHomeless, world).world.groups).toEqual([])
  })

  it('stay as long as there are colonists aboard, or a planet', () => {
    const settlers = { owner: 'Terrans', design: hauler, cargo: colonists(1) }
    const homeless = withGroups(sampleWorld({ planets: [{ owner: null }] }), { owner: 'Terrans', ships: 4 }, settlers)
    expect(after(desertHomeless, homeless).world.groups[0]?.ships).toBe(4)
    const home = withGroups(sampleWorld(), { owner: 'Terrans', design: frigate, ships: 4 })
    expect(after(desertHomeless, home).world.groups[0]?.ships).toBe(4)
  })
})
