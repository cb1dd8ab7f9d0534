import { groupOf, planetOf } from './lookup.ts'
import type { Group, Planet, Race, World } from './model.ts'
import { rounded } from './numbers.ts'
import type { Order } from './orders.ts'
import { capacity, groupSpeed } from './ships.ts'

type Command = { world: World; race: Race }
type GroupOrder = Extract<Order, { type: 'send' | 'load' | 'unload' | 'scrap' }>
type OrderOf<T extends GroupOrder['type']> = Extract<GroupOrder, { type: T }>
/** A group in orbit, and where. */
type Stationed = { group: Group; planet: Planet }

/** Carries out an order to a ship group. @returns why it cannot be done; undefined when it was done */
export function orderGroup(command: Command, order: GroupOrder): string | undefined {
  const stationed = findStationed(command, order.group)
  if (typeof stationed === 'string') return stationed
  switch (order.type) {
    case 'send':
      return send(command, stationed, order)
    case 'load':
      return load(command, stationed, order)
    case 'unload':
      return unload(stationed)
    case 'scrap':
      return scrap(command, stationed, order)
  }
}

/** Ships in flight hear nothing: only those in orbit take orders. */
function findStationed({ world, race }: Command, id: number): Stationed | string {
  const group = groupOf(world, race.name, id)
  if (!group) return `group: you have no group ${id}`
  const planet = group.place.in === 'orbit' ? planetOf(world, group.place.planet) : undefined
  return planet ? { group, planet } : `group: group ${id} is in flight until it arrives`
}

function send({ world, race }: Command, { group, planet }: Stationed, { to, ships, unload }: OrderOf<'send'>) {
  if (!planetOf(world, to)) return `to: there is no planet ${to}`
  if (to === planet.id) return `to: group ${group.id} is already at planet ${to}`
  if (ships !== undefined && ships > group.ships) return `ships: group ${group.id} has only ${group.ships}`
  if (groupSpeed(group) <= 0) return `group: ${group.design.name} has no drive`
  const leaving = ships === undefined || ships === group.ships ? group : split(world, race, { group, ships })
  leaving.place = { in: 'flight', from: planet.id, to, x: planet.x, y: planet.y }
  leaving.unload = unload
  return undefined
}

/** Takes ships out of a group, with their part of the cargo, into a group of their own. */
function split(world: World, race: Race, { group, ships }: { group: Group; ships: number }): Group {
  const taken = rounded(((group.cargo?.amount ?? 0) * ships) / group.ships)
  const leaving: Group = {
    ...structuredClone(group),
    id: race.nextGroup,
    ships,
    cargo: group.cargo && { ...group.cargo, amount: taken },
  }
  race.nextGroup += 1
  group.ships -= ships
  if (group.cargo) group.cargo = { ...group.cargo, amount: rounded(group.cargo.amount - taken) }
  world.groups.push(leaving)
  return leaving
}

function load({ race }: Command, { group, planet }: Stationed, { cargo: kind, amount }: OrderOf<'load'>) {
  if (planet.owner !== race.name) return `group: planet ${planet.id} is not yours`
  if (group.cargo && group.cargo.kind !== kind) return `cargo: group ${group.id} carries ${group.cargo.kind}`
  const room = rounded(capacity(group.design, group.levels) * group.ships - (group.cargo?.amount ?? 0))
  if (room <= 0) return `group: group ${group.id} has no room`
  if (amount !== undefined && amount > room) return `amount: group ${group.id} has room for ${room} only`
  if (amount !== undefined && amount > planet[kind])
    return `amount: planet ${planet.id} has ${planet[kind]} ${kind} only`
  const loaded = Math.min(room, planet[kind], rounded(amount ?? room))
  if (loaded <= 0) return `cargo: planet ${planet.id} has no ${kind}`
  planet[kind] = rounded(planet[kind] - loaded)
  group.cargo = { kind, amount: rounded((group.cargo?.amount ?? 0) + loaded) }
  group.unload = false
  return undefined
}

function unload({ group }: Stationed) {
  if (!group.cargo) return `group: group ${group.id} carries nothing`
  group.unload = true
  return undefined
}

function scrap({ world, race }: Command, { group, planet }: Stationed, { ships = group.ships }: OrderOf<'scrap'>) {
  if (ships > group.ships) return `ships: group ${group.id} has only ${group.ships}`
  const leaving = ships === group.ships ? group : split(world, race, { group, ships })
  // What they carried stays on a planet of one's own, and is lost elsewhere.
  if (leaving.cargo && planet.owner === race.name) {
    planet[leaving.cargo.kind] = rounded(planet[leaving.cargo.kind] + leaving.cargo.amount)
  }
  world.groups = world.groups.filter((other) => other !== leaving)
  return undefined
}
