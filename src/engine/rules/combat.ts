import { type BattleSide, type Chronicle, tell } from './happenings.ts'
import { areHostile, inOrbit } from './lookup.ts'
import type { Group, Planet, World } from './model.ts'
import { rounded, sum } from './numbers.ts'
import { createRandom, pick, type Random, shuffled } from './random.ts'
import { hitChance, isArmed } from './ships.ts'

/** A battle that is not decided by then goes on in the next turn, which bounds what one turn costs to compute. */
const maxRounds = 20

/** Fights at every planet where an armed ship meets an enemy. */
export function fightBattles(world: World, chronicle: Chronicle): void {
  for (const planet of world.planets) {
    const groups = inOrbit(world, planet)
    if (!isDecided(world, groups)) fight({ world, chronicle, planet, groups })
  }
  world.groups = world.groups.filter(({ ships }) => ships > 0)
}

type Battlefield = { world: World; chronicle: Chronicle; planet: Planet; groups: Group[] }

function fight({ world, chronicle, planet, groups }: Battlefield): void {
  const random = createRandom(world.seed, 'battle', world.turn, planet.id)
  const before = new Map(groups.map((group) => [group, group.ships]))
  for (let round = 0; round < maxRounds && !isDecided(world, groups); round += 1) fightRound(world, groups, random)
  const battle = { planet: planet.id, sides: sides(before) }
  const seenBy = new Set([...groups.map(({ owner }) => owner), ...(planet.owner === null ? [] : [planet.owner])])
  chronicle.battles.push({ battle, seenBy })
  for (const raceName of seenBy) {
    const lost = sum(battle.sides, (side) => (side.raceName === raceName ? side.lost : 0))
    tell(
      chronicle,
      raceName,
      'loss',
      `Battle at ${planet.name}: ${lost === 0 ? 'you lost no ship' : `you lost ${lost} ships`}.`,
    )
  }
}

/** Every ship that is still there shoots once with each gun, in an order drawn for this round. */
function fightRound(world: World, groups: readonly Group[], random: Random): void {
  const turns = groups
    .filter(isArmed)
    .flatMap((group) => Array.from({ length: group.ships }, (_, ship) => ({ group, ship })))
  for (const { group, ship } of shuffled(random, turns)) {
    // Its group has shrunk meanwhile: this one is among the lost.
    if (ship >= group.ships) continue
    const enemies = groups.filter((other) => areHostile(world, group.owner, other.owner))
    for (let gun = 0; gun < group.design.weapons; gun += 1) {
      const target = aim(enemies, random)
      if (!target) break
      if (random() < hitChance(group, target)) destroyOne(target)
    }
  }
}

/** Any enemy ship is as likely to be aimed at as any other. */
function aim(enemies: readonly Group[], random: Random): Group | undefined {
  let left = pick(
    random,
    sum(enemies, ({ ships }) => ships),
  )
  for (const enemy of enemies) {
    if (left < enemy.ships) return enemy
    left -= enemy.ships
  }
  return undefined
}

function destroyOne(group: Group): void {
  if (group.cargo) {
    group.cargo = { ...group.cargo, amount: rounded((group.cargo.amount * (group.ships - 1)) / group.ships) }
  }
  group.ships -= 1
}

/** True when no armed ship has an enemy here any more. */
function isDecided(world: World, groups: readonly Group[]): boolean {
  const alive = groups.filter(({ ships }) => ships > 0)
  const owners = [...new Set(alive.map(({ owner }) => owner))]
  if (owners.length < 2) return true
  const armed = new Set(alive.filter(isArmed).map(({ owner }) => owner))
  return ![...armed].some((owner) => owners.some((other) => areHostile(world, owner, other)))
}

function sides(before: ReadonlyMap<Group, number>): BattleSide[] {
  const found = new Map<string, BattleSide>()
  for (const [{ owner, design, ships }, was] of before) {
    const key = JSON.stringify([owner, design.name])
    const side = found.get(key) ?? { raceName: owner, design: design.name, ships: 0, lost: 0 }
    found.set(key, { ...side, ships: side.ships + was, lost: side.lost + was - ships })
  }
  return [...found.values()]
}
