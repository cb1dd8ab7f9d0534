import type { Design, Group, Planet, Race, World } from './model.ts'
import { distance, type Point, rounded } from './numbers.ts'
import { uninhabited } from './planets.ts'
import { createRandom, type Random, shuffled } from './random.ts'
import { type GameSettings, sizes } from './settings.ts'

export type NewGame = { gameId: string; raceNames: readonly string[]; settings: GameSettings }

/** Mean space for a planet: neighbours are about ten light years apart. */
const areaPerPlanet = 100
/** Small worlds close to every home, so that everyone has somewhere to begin. */
const neighbours = [
  { size: 500, reach: 6 },
  { size: 300, reach: 8 },
]

/** Makes the galaxy of turn 0: homes far from each other, all alike; everything else by the seed. */
export function createWorld({ gameId, raceNames, settings }: NewGame): World {
  const seed = String(settings.seed ?? gameId)
  const random = createRandom(seed, 'galaxy')
  const count = Math.max(raceNames.length, 1) * sizes[settings.size]
  const width = rounded(Math.sqrt(count * areaPerPlanet))
  const planets = placePlanets({ random, count, width, raceNames })
  const races = raceNames.map(newRace)
  return {
    turn: 0,
    seed,
    settings,
    width,
    planets,
    races,
    groups: planets.flatMap((planet) => startingGroups(planet, races)),
  }
}

type Layout = { random: Random; count: number; width: number; raceNames: readonly string[] }

function placePlanets({ random, count, width, raceNames }: Layout): Planet[] {
  const taken: Point[] = []
  // Homes first, as far apart as their number allows.
  const apart = width / Math.sqrt(Math.max(raceNames.length, 1)) / 1.3
  const homes = raceNames.map(() => place({ random, taken, apart, within: square(width) }))
  const near = homes.flatMap((home) =>
    neighbours.map(({ size, reach }) => ({
      size,
      at: place({ random, taken, apart: 2, within: around(home, reach, width) }),
    })),
  )
  const rest = Array.from({ length: Math.max(count - taken.length, 0) }, () => ({
    size: rounded(50 + Math.floor(random() * 950)),
    at: place({ random, taken, apart: 3, within: square(width) }),
  }))
  const empty = [...near, ...rest].map(({ size, at }) => ({ ...wild(at, random), size }))
  const owned = homes.map((at, index) => ({ ...wild(at, random), ...homeland(raceNames[index] ?? '') }))
  // Numbered at random: a planet's number must not tell whose home it is.
  return shuffled(random, [...owned, ...empty]).map((planet, index) => ({ ...planet, ...named(index + 1) }))
}

type Area = (random: Random) => Point

function square(width: number): Area {
  return (random) => ({ x: rounded(random() * width), y: rounded(random() * width) })
}

function around({ x, y }: Point, reach: number, width: number): Area {
  const inside = (value: number) => rounded(Math.min(Math.max(value, 0), width))
  return (random) => ({
    x: inside(x + (random() * 2 - 1) * reach),
    y: inside(y + (random() * 2 - 1) * reach),
  })
}

type Spot = { random: Random; taken: Point[]; apart: number; within: Area }

/** Tries random places until one is far enough from all others; asks for a little less after each failure. */
function place({ random, taken, apart, within }: Spot): Point {
  let enough = apart
  for (;;) {
    const point = within(random)
    if (taken.every((other) => distance(point, other) >= enough)) {
      taken.push(point)
      return point
    }
    enough *= 0.98
  }
}

function named(id: number) {
  return { id, name: `Planet ${id}` }
}

function wild({ x, y }: Point, random: Random): Planet {
  const resources = rounded(0.1 + Math.floor(random() * 99) / 10)
  return { id: 1, name: '', x, y, size: 0, resources, owner: null, ...uninhabited() }
}

function homeland(owner: string) {
  return { ...uninhabited(), owner, size: 1000, resources: 10, population: 1000, industry: 1000, colonists: 10 }
}

function newRace(name: string): Race {
  return {
    name,
    levels: { drive: 1, weapons: 1, shields: 1, cargo: 1 },
    designs: startingDesigns(),
    peaceWith: [],
    nextGroup: 3,
    eliminated: false,
  }
}

function startingGroups({ owner, id }: Planet, races: readonly Race[]): Group[] {
  const race = races.find(({ name }) => name === owner)
  if (!race) return []
  return race.designs.slice(0, 2).map((design, index) => ({
    id: index + 1,
    owner: race.name,
    design: { ...design },
    ships: 2,
    levels: { ...race.levels },
    cargo: null,
    place: { in: 'orbit', planet: id },
    unload: false,
  }))
}

/** Every race can build these from the start. */
function startingDesigns(): Design[] {
  return [
    { name: 'Scout', drive: 1, attack: 0, weapons: 0, shields: 0, cargo: 0 },
    { name: 'Hauler', drive: 20, attack: 0, weapons: 0, shields: 0, cargo: 5 },
    { name: 'Frigate', drive: 15, attack: 5, weapons: 2, shields: 10, cargo: 0 },
  ]
}
