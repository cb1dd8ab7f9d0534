import { bombPlanets } from './bombing.ts'
import { fightBattles } from './combat.ts'
import { desertHomeless } from './desertion.ts'
import { type Chronicle, newChronicle, tell } from './happenings.ts'
import { landCargo } from './landing.ts'
import { raceOf } from './lookup.ts'
import type { Group, World } from './model.ts'
import { moveShips } from './movement.ts'
import { obey, type RaceOrders } from './obey.ts'
import { abandon } from './planets.ts'
import { runEconomy } from './production.ts'
import { type Report, reportFor } from './report.ts'
import { eliminateRaces, judge } from './victory.ts'

/** What the players did since the last turn. */
export type TurnInput = { orders: readonly RaceOrders[]; banished: readonly string[] }
export type RaceReport = { raceName: string; report: Report }
export type Generated = { world: World; reports: RaceReport[] }

/** The next turn. Pure: the same world and input give the same result, whatever the order of the input. */
export function generateTurn(before: World, { orders, banished }: TurnInput): Generated {
  const world = structuredClone(before)
  world.turn += 1
  const chronicle = newChronicle()
  banishRaces(world, chronicle, banished)
  obeyAll(world, chronicle, orders)
  moveShips(world, chronicle)
  fightBattles(world, chronicle)
  bombPlanets(world, chronicle)
  landCargo(world, chronicle)
  runEconomy(world, chronicle)
  desertHomeless(world, chronicle)
  eliminateRaces(world, chronicle)
  judge(world, chronicle)
  tidyGroups(world)
  return { world, reports: reportAll(world, chronicle) }
}

/** The reports of a world in which nothing has happened yet. */
export function reportAll(world: World, chronicle: Chronicle = newChronicle()): RaceReport[] {
  return world.races.map((race) => ({ raceName: race.name, report: reportFor(world, race, chronicle) }))
}

/** A banished race's planets fall empty, its ships vanish; the elimination follows at the end of the turn. */
function banishRaces(world: World, chronicle: Chronicle, banished: readonly string[]): void {
  for (const race of world.races) {
    if (!banished.includes(race.name) || race.eliminated) continue
    for (const planet of world.planets) if (planet.owner === race.name) abandon(planet)
    world.groups = world.groups.filter(({ owner }) => owner !== race.name)
    for (const { name } of world.races) tell(chronicle, name, 'elimination', `${race.name} were banished.`)
  }
}

function obeyAll(world: World, chronicle: Chronicle, all: readonly RaceOrders[]): void {
  for (const race of world.races) {
    const given = all.find(({ raceName }) => raceName === race.name)
    if (!given || race.eliminated) continue
    chronicle.rejected.set(race.name, obey(world, race, given.orders, chronicle))
  }
}

/** Joins groups that cannot be told apart, and puts all in one sequence. */
function tidyGroups(world: World): void {
  const joined = new Map<string, Group>()
  const sequence = new Map(world.races.map(({ name }, index) => [name, index]))
  const sorted = world.groups.sort((a, b) => (sequence.get(a.owner) ?? 0) - (sequence.get(b.owner) ?? 0) || a.id - b.id)
  for (const group of sorted) {
    const { owner, design, levels, cargo, place, unload } = group
    const alike = cargo || place.in === 'flight' ? [owner, group.id] : [owner, design, levels, place, unload]
    const key = JSON.stringify(alike)
    const first = joined.get(key)
    if (first) first.ships += group.ships
    else joined.set(key, group)
  }
  world.groups = [...joined.values()].filter(({ owner }) => raceOf(world, owner))
}
