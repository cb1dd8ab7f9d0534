import { type Chronicle, tell } from './happenings.ts'
import { planetsOf } from './lookup.ts'
import type { Race, Result, Standing, World } from './model.ts'
import { rounded, sum } from './numbers.ts'
import { designMass } from './ships.ts'

/** A race without planets and ships is out of the game for good. */
export function eliminateRaces(world: World, chronicle: Chronicle): void {
  for (const race of world.races) {
    if (race.eliminated) continue
    const has =
      world.planets.some(({ owner }) => owner === race.name) || world.groups.some(({ owner }) => owner === race.name)
    if (has) continue
    race.eliminated = true
    for (const { name } of world.races) tell(chronicle, name, 'elimination', `${race.name} are no more.`)
  }
}

/** Sets the result when the game is decided by this turn. */
export function judge(world: World, chronicle: Chronicle): void {
  const ending = findEnding(world)
  if (!ending) return
  world.result = { ...ending, turn: world.turn, standings: standings(world) }
  const said = ending.winner === null ? 'The game is over; nobody wins.' : `The game is over: ${ending.winner} win.`
  for (const { name } of world.races) tell(chronicle, name, 'finish', said)
}

type Ending = Pick<Result, 'winner' | 'reason'>

function findEnding(world: World): Ending | undefined {
  const { races, planets, settings } = world
  const alive = races.filter(({ eliminated }) => !eliminated)
  if (races.length > 0 && alive.length === 0) return { winner: null, reason: 'all_eliminated' }
  // Someone who plays alone has not won by that.
  if (races.length > 1 && alive.length === 1) return { winner: alive[0]?.name ?? null, reason: 'last_race_standing' }
  const [most, next] = alive
    .map(({ name }) => ({ name, held: planetsOf(world, name).length }))
    .sort((a, b) => b.held - a.held)
  // With a small share two may reach it in the same turn; between equals the game goes on.
  if (most && most.held >= planets.length * settings.victoryShare && most.held !== next?.held) {
    return { winner: most.name, reason: 'planets' }
  }
  if (settings.maxTurns === undefined || world.turn < settings.maxTurns) return undefined
  return { winner: bestScore(world), reason: 'score' }
}

function bestScore(world: World): string | null {
  const [first, second] = standings(world)
  return !first || first.score === second?.score ? null : first.raceName
}

/** People, industry and the mass of all ships. */
export function scoreOf(world: World, race: Race): number {
  const land = sum(planetsOf(world, race.name), ({ population, industry }) => population + industry)
  const fleet = sum(world.groups, ({ owner, ships, design }) => (owner === race.name ? ships * designMass(design) : 0))
  return rounded(land + fleet)
}

/** All races, the best first. */
function standings(world: World): Standing[] {
  const scored = world.races.map((race) => {
    const planets = planetsOf(world, race.name)
    const population = rounded(sum(planets, (planet) => planet.population))
    const { name: raceName, eliminated } = race
    return { raceName, score: scoreOf(world, race), planets: planets.length, population, eliminated }
  })
  // The sort is stable: equal scores stand in the order in which the races joined.
  const sorted = scored.sort((a, b) => b.score - a.score || b.planets - a.planets)
  return sorted.map(({ raceName, ...rest }, index) => ({ raceName, rank: index + 1, ...rest }))
}
