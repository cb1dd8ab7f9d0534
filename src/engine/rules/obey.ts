import { type Chronicle, newChronicle, type RejectedOrder } from './happenings.ts'
import type { Race, World } from './model.ts'
import { orderGroup } from './obey-groups.ts'
import { orderRace } from './obey-race.ts'
import { type Order, readOrder } from './orders.ts'

/** What one race ordered, as it was sent. */
export type RaceOrders = { raceName: string; orders: readonly unknown[] }

/**
 * Carries out a race's orders in their sequence, on the world given. Orders touch only what the race owns, so what is
 * valid does not depend on the orders of others.
 * @returns those that cannot be carried out; they change nothing
 */
export function obey(world: World, race: Race, orders: readonly unknown[], chronicle: Chronicle): RejectedOrder[] {
  return orders.flatMap((given, index) => {
    const order = readOrder(given)
    const message = typeof order === 'string' ? order : carryOut({ world, race, chronicle }, order)
    return message === undefined ? [] : [{ index, message }]
  })
}

/** Which of the orders could not be carried out; the world given stays as it is. */
export function rejectedOrders(world: World, race: Race, orders: readonly unknown[]): RejectedOrder[] {
  const draft = structuredClone(world)
  const own = draft.races.find(({ name }) => name === race.name)
  return own ? obey(draft, own, orders, newChronicle()) : []
}

/** Where an order takes effect. */
export type Command = { world: World; race: Race; chronicle: Chronicle }

/** @returns why it cannot be done; undefined when it was done */
function carryOut(command: Command, order: Order): string | undefined {
  switch (order.type) {
    case 'send':
    case 'load':
    case 'unload':
    case 'scrap':
      return orderGroup(command, order)
    case 'produce':
    case 'rename':
    case 'design':
    case 'stance':
    case 'message':
      return orderRace(command, order)
  }
}
