import type { Chronicle } from './happenings.ts'
import { planetOf, planetsOf, positionOf, wagesWarOn } from './lookup.ts'
import type { Group, Planet, Race, World } from './model.ts'
import { distance, rounded, sum } from './numbers.ts'
import { orderExamples } from './orders.ts'
import { effortOf } from './planets.ts'
import { capacity, designMass, groupSpeed, speed } from './ships.ts'
import { type Eyes, eyesOf, sightRange } from './visibility.ts'
import { scoreOf } from './victory.ts'

export type Report = ReturnType<typeof reportFor>

/** A turn as one race sees it: everything that a client needs to show it and to order the next. */
export function reportFor(world: World, race: Race, chronicle: Chronicle) {
  const eyes = eyesOf(world, race)
  const foreign = world.groups.filter((group) => group.owner !== race.name && eyes.sees(group))
  return {
    raceName: race.name,
    turn: world.turn,
    finished: world.result !== undefined,
    ...(world.result ? { result: world.result } : {}),
    galaxy: { width: world.width, planets: world.planets.length, victoryShare: world.settings.victoryShare },
    you: ownSummary(world, race),
    races: world.races.filter((other) => other !== race).map((other) => raceView(world, race, other)),
    planets: world.planets.map((planet) => planetView(planet, eyes)),
    groups: world.groups.filter(({ owner }) => owner === race.name).map((group) => ownGroup(world, group)),
    designs: race.designs.map((design) => ({
      ...design,
      mass: designMass(design),
      speed: rounded(speed(design, race.levels, 0)),
      capacity: rounded(capacity(design, race.levels)),
    })),
    sightings: foreign.map((group) => sighting(world, group)),
    incoming: foreign.flatMap((group) => incoming(world, race, group)),
    battles: chronicle.battles.filter(({ seenBy }) => seenBy.has(race.name)).map(({ battle }) => battle),
    happenings: chronicle.happenings.get(race.name) ?? [],
    messages: chronicle.messages.filter(({ to }) => to === race.name).map(({ from, text }) => ({ from, text })),
    rejectedOrders: chronicle.rejected.get(race.name) ?? [],
    rules: {
      nextTurn: world.turn + 1,
      ordersAccepted: world.result === undefined && !race.eliminated,
      sightRange,
      orders: orderExamples,
    },
  }
}

function ownSummary(world: World, race: Race) {
  const planets = planetsOf(world, race.name)
  const total = (of: (planet: Planet) => number) => rounded(sum(planets, of))
  return {
    technologies: race.levels,
    planets: planets.length,
    population: total(({ population }) => population),
    industry: total(({ industry }) => industry),
    effort: total(effortOf),
    ships: sum(world.groups, ({ owner, ships }) => (owner === race.name ? ships : 0)),
    score: scoreOf(world, race),
    eliminated: race.eliminated,
  }
}

/** How many planets each race holds is known to all: the game is won by it. */
function raceView(world: World, race: Race, other: Race) {
  return {
    raceName: other.name,
    planets: planetsOf(world, other.name).length,
    eliminated: other.eliminated,
    yourStance: wagesWarOn(world, race.name, other.name) ? 'war' : 'peace',
    theirStance: wagesWarOn(world, other.name, race.name) ? 'war' : 'peace',
  }
}

function planetView(planet: Planet, eyes: Eyes) {
  const { id, name, x, y, size, resources, owner, population, industry } = planet
  const known = eyes.knowledge(planet)
  // The name that its owner gave it is known to those who can see the planet.
  switch (known) {
    case 'own':
      return { known, ...planet, effort: rounded(effortOf(planet)) }
    case 'orbit':
      return { known, id, name, x, y, size, resources, owner, population, industry }
    case 'sight':
      return { known, id, name, x, y, size, resources, owner }
    case 'chart':
      return { known, id, x, y }
  }
}

function ownGroup(world: World, group: Group) {
  const { id, design, ships, levels, cargo, place, unload } = group
  const way = groupSpeed(group)
  const left = place.in === 'flight' ? distanceTo(world, group, place.to) : 0
  return {
    id,
    design: design.name,
    ships,
    levels,
    cargo,
    place,
    unload,
    speed: rounded(way),
    capacity: rounded(capacity(design, levels) * ships),
    ...(place.in === 'flight' ? { distanceLeft: rounded(left), turnsLeft: Math.ceil(left / way) } : {}),
  }
}

function sighting(world: World, group: Group) {
  const { owner, design, ships, place } = group
  const { x, y } = positionOf(world, group)
  const where = place.in === 'orbit' ? { planet: place.planet } : {}
  return { raceName: owner, ships, mass: rounded(designMass(design)), armed: design.weapons > 0, x, y, ...where }
}

/** A foreign group in sight that flies to a planet of this race. */
function incoming(world: World, race: Race, group: Group) {
  const { place, owner, ships, design } = group
  if (place.in !== 'flight' || planetOf(world, place.to)?.owner !== race.name) return []
  const left = distanceTo(world, group, place.to)
  return [
    {
      raceName: owner,
      ships,
      mass: rounded(designMass(design)),
      armed: design.weapons > 0,
      to: place.to,
      distance: rounded(left),
      turns: Math.ceil(left / groupSpeed(group)),
    },
  ]
}

function distanceTo(world: World, group: Group, planet: number): number {
  const to = planetOf(world, planet)
  return to ? distance(positionOf(world, group), to) : 0
}
