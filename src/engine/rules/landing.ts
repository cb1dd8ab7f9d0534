import { type Chronicle, tell } from './happenings.ts'
import { inOrbit, wagesWarOn } from './lookup.ts'
import type { Cargo, Group, Planet, World } from './model.ts'
import { rounded, sum } from './numbers.ts'
import { peoplePerColonist, uninhabited } from './planets.ts'
import { createRandom, shuffled } from './random.ts'
import { isArmed } from './ships.ts'

type Shore = { world: World; chronicle: Chronicle; planet: Planet }

/** Unloads every group in orbit that is to unload: settles empty planets, reinforces own ones, invades enemies'. */
export function landCargo(world: World, chronicle: Chronicle): void {
  for (const planet of world.planets) {
    const groups = inOrbit(world, planet).filter(({ unload, cargo }) => unload && cargo)
    for (const owner of landingOrder(world, planet, groups)) {
      land(
        { world, chronicle, planet },
        owner,
        groups.filter((group) => group.owner === owner),
      )
    }
  }
}

/** Whoever brings most lands first; among equals the dice decide, so that no race is favoured for its place in the list. */
function landingOrder(world: World, planet: Planet, groups: readonly Group[]): string[] {
  const random = createRandom(world.seed, 'landing', world.turn, planet.id)
  const brought = (owner: string) => sum(groups, (group) => (group.owner === owner ? carried(group, 'colonists') : 0))
  const owners = [...new Set(groups.map(({ owner }) => owner))]
  return shuffled(random, owners).sort((a, b) => brought(b) - brought(a))
}

function land(shore: Shore, owner: string, groups: readonly Group[]): void {
  const { world, planet } = shore
  const colonists = rounded(sum(groups, (group) => carried(group, 'colonists')))
  if (colonists > 0 && canLand(shore, owner)) {
    if (planet.owner === null) settle(shore, owner, colonists)
    else if (planet.owner === owner) planet.colonists = rounded(planet.colonists + reinforce(planet, colonists))
    else invade(shore, owner, colonists)
    empty(groups, 'colonists')
  }
  if (planet.owner === owner) {
    planet.capital = rounded(planet.capital + sum(groups, (group) => carried(group, 'capital')))
    empty(groups, 'capital')
  }
  for (const group of world.groups) if (groups.includes(group)) group.unload = false
}

function canLand({ world, chronicle, planet }: Shore, owner: string): boolean {
  if (planet.owner === null || planet.owner === owner) return true
  if (!wagesWarOn(world, owner, planet.owner)) {
    tell(
      chronicle,
      owner,
      'landing',
      `${planet.name} belongs to ${planet.owner}, with whom you keep peace: nobody landed.`,
    )
    return false
  }
  const guarded = inOrbit(world, planet).some((group) => group.owner === planet.owner && isArmed(group))
  if (guarded) tell(chronicle, owner, 'landing', `${planet.name} is guarded by armed ships: nobody landed.`)
  return !guarded
}

function settle({ chronicle, planet }: Shore, owner: string, colonists: number): void {
  const { capital } = planet
  Object.assign(planet, uninhabited(), { owner, capital })
  planet.colonists = reinforce(planet, colonists)
  tell(chronicle, owner, 'landing', `${planet.name} is yours: ${Math.round(planet.population)} live there.`)
}

/** Lets people in as far as there is room. @returns the colonists for whom there is none */
function reinforce(planet: Planet, colonists: number): number {
  const people = Math.min(planet.size - planet.population, colonists * peoplePerColonist)
  planet.population = rounded(planet.population + people)
  return rounded(colonists - people / peoplePerColonist)
}

/** One falls for one: if more land than live there, those left over take the planet with half of its industry. */
function invade({ chronicle, planet }: Shore, owner: string, colonists: number): void {
  const troops = colonists * peoplePerColonist
  const loser = planet.owner
  if (troops <= planet.population) {
    planet.population = rounded(Math.max(planet.population - troops, 1))
    planet.industry = Math.min(planet.industry, planet.population)
    tell(chronicle, owner, 'conquest', `Your landing at ${planet.name} was beaten back.`)
    tell(chronicle, loser, 'conquest', `${owner} landed at ${planet.name} and were beaten back.`)
    return
  }
  const { industry, capital } = planet
  const population = rounded(Math.min(troops - planet.population, planet.size))
  Object.assign(planet, uninhabited(), { owner, population, capital })
  planet.industry = rounded(Math.min(industry / 2, population))
  tell(chronicle, owner, 'conquest', `${planet.name} is conquered: it was ${loser}'s.`)
  tell(chronicle, loser, 'conquest', `${owner} conquered ${planet.name}.`)
}

function carried({ cargo }: Group, kind: Cargo['kind']): number {
  return cargo?.kind === kind ? cargo.amount : 0
}

function empty(groups: readonly Group[], kind: Cargo['kind']): void {
  for (const group of groups) if (group.cargo?.kind === kind) group.cargo = null
}
