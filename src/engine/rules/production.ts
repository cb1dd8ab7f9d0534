import { type Chronicle, tell } from './happenings.ts'
import { raceOf } from './lookup.ts'
import type { Planet, Race, Technology, World } from './model.ts'
import { rounded } from './numbers.ts'
import { effortOf, peoplePerColonist } from './planets.ts'
import { shipCost } from './ships.ts'

const effortPerIndustry = 5
const effortPerColonist = 10
const growth = 1.08
/** At most so large a part of the people leaves for the colonists' camps in one turn. */
const trainedShare = 0.1
/** Effort for one level. */
const researchCost: Readonly<Record<Technology, number>> = { drive: 5000, weapons: 5000, shields: 5000, cargo: 2500 }

type Site = { world: World; chronicle: Chronicle; race: Race; planet: Planet }

/** Every inhabited planet spends its effort on what it was told to produce, and then grows. */
export function runEconomy(world: World, chronicle: Chronicle): void {
  for (const planet of world.planets) {
    const race = planet.owner === null ? undefined : raceOf(world, planet.owner)
    if (!race) continue
    useCapital(planet)
    produce({ world, chronicle, race, planet })
    grow(planet)
  }
}

/** Capital becomes industry as long as there are people to work it. */
function useCapital(planet: Planet): void {
  const used = Math.max(Math.min(planet.capital, planet.population - planet.industry), 0)
  planet.capital = rounded(planet.capital - used)
  planet.industry = rounded(planet.industry + used)
}

function produce(site: Site): void {
  const { planet, race } = site
  const effort = effortOf(planet)
  switch (planet.production.make) {
    case 'industry':
      planet.capital = rounded(planet.capital + effort / effortPerIndustry)
      return useCapital(planet)
    case 'colonists':
      return trainColonists(planet, effort)
    case 'research': {
      const { technology } = planet.production
      race.levels[technology] = rounded(race.levels[technology] + effort / researchCost[technology])
      return
    }
    case 'ship':
      return buildShips(site, planet.production.design, effort)
  }
}

function trainColonists(planet: Planet, effort: number): void {
  const trained = Math.min(effort / effortPerColonist, (planet.population * trainedShare) / peoplePerColonist)
  planet.colonists = rounded(planet.colonists + trained)
  planet.population = rounded(planet.population - trained * peoplePerColonist)
}

function buildShips({ world, chronicle, race, planet }: Site, name: string, effort: number): void {
  const design = race.designs.find((known) => known.name === name)
  if (!design) return
  const cost = shipCost(design, planet.resources)
  const spent = planet.progress + effort
  const ships = Math.floor(spent / cost)
  planet.progress = rounded(spent - ships * cost)
  if (ships === 0) return
  world.groups.push({
    id: race.nextGroup,
    owner: race.name,
    design: { ...design },
    ships,
    levels: { ...race.levels },
    cargo: null,
    place: { in: 'orbit', planet: planet.id },
    unload: false,
  })
  race.nextGroup += 1
  tell(chronicle, race.name, 'built', `${planet.name} built ${ships} ${name}.`)
}

/** Those for whom the planet has no room any more get ready to emigrate. */
function grow(planet: Planet): void {
  const people = planet.population * growth
  const surplus = Math.max(people - planet.size, 0)
  planet.population = rounded(Math.min(people, planet.size))
  planet.colonists = rounded(planet.colonists + surplus / peoplePerColonist)
  planet.industry = Math.min(planet.industry, planet.population)
}
