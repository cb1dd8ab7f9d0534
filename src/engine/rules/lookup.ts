import type { Group, Planet, Race, World } from './model.ts'
import type { Point } from './numbers.ts'

export function planetOf(world: World, id: number): Planet | undefined {
  return world.planets[id - 1]
}

export function raceOf(world: World, name: string): Race | undefined {
  return world.races.find((race) => race.name === name)
}

export function groupOf(world: World, owner: string, id: number): Group | undefined {
  return world.groups.find((group) => group.owner === owner && group.id === id)
}

export function inOrbit(world: World, planet: Planet): Group[] {
  return world.groups.filter(({ place }) => place.in === 'orbit' && place.planet === planet.id)
}

export function planetsOf(world: World, owner: string): Planet[] {
  return world.planets.filter((planet) => planet.owner === owner)
}

/** Where a group is. */
export function positionOf(world: World, { place }: Group): Point {
  if (place.in === 'flight') return place
  return planetOf(world, place.planet) ?? { x: 0, y: 0 }
}

/** True when `race` has declared war on `other` (or never made peace with it). */
export function wagesWarOn(world: World, race: string, other: string): boolean {
  return race !== other && !raceOf(world, race)?.peaceWith.includes(other)
}

/** True when either is at war with the other: whoever is shot at shoots back. */
export function areHostile(world: World, a: string, b: string): boolean {
  return wagesWarOn(world, a, b) || wagesWarOn(world, b, a)
}
