import { createWorld } from './galaxy.ts'
import type { Design, Group, Planet, World } from './model.ts'
import { readGameSettings } from './settings.ts'

/** For tests: two races, and planets 1 to 4 in a row, ten light years apart; 1 is the Terrans', 2 the Vegans'. */
export function sampleWorld({ planets = [] }: { planets?: Partial<Planet>[] } = {}): World {
  const settings = readGameSettings({ seed: 1, size: 'tiny' })
  const world = createWorld({ gameId: 'g', raceNames: ['Terrans', 'Vegans'], settings })
  const owned = ['Terrans', 'Vegans', null, null]
  const row = owned.map((owner, index) => ({ ...samplePlanet(index + 1, owner), ...planets[index] }))
  return { ...world, planets: row, groups: [] }
}

function samplePlanet(id: number, owner: string | null): Planet {
  const people = owner === null ? 0 : 100
  return {
    id,
    name: `P${id}`,
    x: id * 10,
    y: 0,
    size: 200,
    resources: 10,
    owner,
    population: people,
    industry: people,
    capital: 0,
    colonists: 0,
    production: { make: 'industry' },
    progress: 0,
  }
}

export const frigate: Design = { name: 'Frigate', drive: 15, attack: 5, weapons: 2, shields: 10, cargo: 0 }
export const hauler: Design = { name: 'Hauler', drive: 20, attack: 0, weapons: 0, shields: 0, cargo: 5 }

/** A group at planet 1 unless told otherwise. */
export function sampleGroup(group: Partial<Group> & { owner: string }): Group {
  return {
    id: 1,
    design: frigate,
    ships: 1,
    levels: { drive: 1, weapons: 1, shields: 1, cargo: 1 },
    cargo: null,
    place: { in: 'orbit', planet: 1 },
    unload: false,
    ...group,
  }
}
