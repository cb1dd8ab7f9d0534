import { type Chronicle, tell } from './happenings.ts'
import { inOrbit, wagesWarOn } from './lookup.ts'
import type { Group, Planet, World } from './model.ts'
import { rounded, sum } from './numbers.ts'
import { abandon } from './planets.ts'
import { bombPower, isArmed } from './ships.ts'

/** Armed ships bomb the planets of those whom their race has declared war on, unless armed ships defend them. */
export function bombPlanets(world: World, chronicle: Chronicle): void {
  for (const planet of world.planets) {
    const { owner } = planet
    if (owner === null) continue
    const armed = inOrbit(world, planet).filter(isArmed)
    if (armed.some((group) => group.owner === owner)) continue
    const bombers = armed.filter((group) => wagesWarOn(world, group.owner, owner))
    if (bombers.length > 0) bomb(chronicle, planet, bombers)
  }
}

/** Industry is hit half as hard as people are; a planet where less than one is left alive is nobody's. */
function bomb(chronicle: Chronicle, planet: Planet, bombers: readonly Group[]): void {
  const power = sum(bombers, bombPower)
  const killed = Math.min(planet.population, rounded(power))
  const { owner } = planet
  planet.population = rounded(planet.population - killed)
  planet.industry = rounded(Math.min(Math.max(planet.industry - power / 2, 0), planet.population))
  const destroyed = planet.population < 1
  if (destroyed) abandon(planet)
  const end = destroyed ? 'nobody is left there' : `${Math.round(planet.population)} are left`
  for (const raceName of new Set([owner, ...bombers.map((group) => group.owner)])) {
    tell(chronicle, raceName, 'bombing', `${planet.name} was bombed: ${Math.round(killed)} died, ${end}.`)
  }
}
