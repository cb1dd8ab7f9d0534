import type { Part } from '../running-parts.ts'
import { apiPart } from './api.ts'
import { controllerPart } from './controller.ts'
import { edgePart } from './edge.ts'
import { mailboxPart } from './mailbox.ts'
import type { OptionalPart, PartsOptions } from './options.ts'
import { postgresPart } from './postgres.ts'
import { resourceServerPart } from './resource-server.ts'

export type { Addresses, EngineRuntime, OptionalPart } from './options.ts'

/** What runs, in the order of starting. */
export function createParts(options: PartsOptions): Part[] {
  const optional: Record<OptionalPart, () => Part> = {
    api: () => apiPart(options),
    controller: () => controllerPart(options),
    edge: () => edgePart(options),
  }
  // The api is told where the controller is, and the edge where the api is.
  const order = ['controller', 'api', 'edge'] as const
  const wanted = order.filter((name) => !options.without.includes(name)).map((name) => optional[name]())
  return [postgresPart(options), resourceServerPart(options), mailboxPart(options), ...wanted]
}
