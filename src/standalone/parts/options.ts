import type { Log } from '../../platform/log.ts'
import type { Environment } from '../../platform/settings.ts'
import type { Keys } from '../keys.ts'
import type { Layout } from '../layout.ts'
import type { Ports } from '../ports.ts'

/** The parts that may run as a process of their own instead, against the same data directory. */
export type OptionalPart = 'controller'

/** Where the parts that are up can be reached. */
export type Addresses = {
  database?: string | undefined
  kubeApi?: string | undefined
  controller?: string | undefined
  controllerMetrics?: string | undefined
}

export type PartsOptions = {
  layout: Layout
  keys: Keys
  ports: Ports
  without: readonly OptionalPart[]
  environment: Environment
  log: Log
  /** Written by the parts as they come up. */
  addresses: Addresses
}
