import type { Chronicle } from './happenings.ts'
import { tell } from './happenings.ts'
import { planetOf, raceOf } from './lookup.ts'
import type { Planet, Race, World } from './model.ts'
import type { Order } from './orders.ts'

type Command = { world: World; race: Race; chronicle: Chronicle }
type RaceOrder = Extract<Order, { type: 'produce' | 'rename' | 'design' | 'stance' | 'message' }>
type OrderOf<T extends RaceOrder['type']> = Extract<RaceOrder, { type: T }>

const maxDesigns = 50

/** Carries out an order that concerns no ships. @returns why it cannot be done; undefined when it was done */
export function orderRace(command: Command, order: RaceOrder): string | undefined {
  switch (order.type) {
    case 'produce':
      return produce(command, order)
    case 'rename':
      return rename(command, order)
    case 'design':
      return design(command, order)
    case 'stance':
      return stance(command, order)
    case 'message':
      return message(command, order)
  }
}

function produce({ world, race }: Command, { planet: id, production }: OrderOf<'produce'>) {
  const planet = ownPlanet(world, race, id)
  if (typeof planet === 'string') return planet
  if (production.make === 'ship' && !race.designs.some(({ name }) => name === production.design)) {
    return `production.design: you have no design "${production.design}"`
  }
  // What was begun on another ship is broken up; nothing of it is kept.
  if (JSON.stringify(planet.production) !== JSON.stringify(production)) planet.progress = 0
  planet.production = production
  return undefined
}

function rename({ world, race }: Command, { planet: id, name }: OrderOf<'rename'>) {
  const planet = ownPlanet(world, race, id)
  if (typeof planet === 'string') return planet
  planet.name = name
  return undefined
}

function design({ race }: Command, { type: _type, ...parts }: OrderOf<'design'>) {
  if (race.designs.some(({ name }) => name === parts.name)) return `name: you already have a design "${parts.name}"`
  if (race.designs.length >= maxDesigns) return `you already have ${maxDesigns} designs, and cannot have more`
  race.designs.push(parts)
  return undefined
}

function stance({ world, race, chronicle }: Command, { raceName, stance: wanted }: OrderOf<'stance'>) {
  const other = otherRace(world, race, raceName)
  if (typeof other === 'string') return other
  const before = race.peaceWith.includes(raceName) ? 'peace' : 'war'
  race.peaceWith = race.peaceWith.filter((name) => name !== raceName)
  if (wanted === 'peace') race.peaceWith = [...race.peaceWith, raceName].sort()
  if (before !== wanted) {
    const text = wanted === 'war' ? `${race.name} declare war on you.` : `${race.name} offer you peace.`
    tell(chronicle, raceName, 'diplomacy', text)
  }
  return undefined
}

function message({ world, race, chronicle }: Command, { raceName, text }: OrderOf<'message'>) {
  const other = otherRace(world, race, raceName)
  if (typeof other === 'string') return other
  chronicle.messages.push({ from: race.name, to: raceName, text })
  return undefined
}

function ownPlanet(world: World, race: Race, id: number): Planet | string {
  const planet = planetOf(world, id)
  if (!planet) return `planet: there is no planet ${id}`
  return planet.owner === race.name ? planet : `planet: planet ${id} is not yours`
}

function otherRace(world: World, race: Race, name: string): Race | string {
  if (name === race.name) return 'raceName: that is you'
  return raceOf(world, name) ?? `raceName: there is no race "${name}"`
}
