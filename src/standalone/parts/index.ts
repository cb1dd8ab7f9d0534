import type { Part } from '../running-parts.ts'
import { controllerPart } from './controller.ts'
import type { PartsOptions } from './options.ts'
import { postgresPart } from './postgres.ts'
import { resourceServerPart } from './resource-server.ts'

export type { Addresses, OptionalPart } from './options.ts'

/** What runs, in the order of starting. */
export function createParts(options: PartsOptions): Part[] {
  const parts = [postgresPart(options), resourceServerPart(options)]
  return options.without.includes('controller') ? parts : [...parts, controllerPart(options)]
}
