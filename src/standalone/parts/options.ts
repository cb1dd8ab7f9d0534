import type { Log } from '../../platform/log.ts'
import type { Environment } from '../../platform/settings.ts'
import type { Keys } from '../keys.ts'
import type { Layout } from '../layout.ts'
import type { ListenerName, Ports } from '../ports.ts'

/** The parts that may run as a process of their own instead, against the same data directory. */
export type OptionalPart = 'api' | 'controller' | 'edge'

/** How `galaxy up` runs engines. */
export type EngineRuntime = 'process' | 'docker'

/** Where the parts that are up can be reached. */
export type Addresses = { database?: string | undefined } & { [Name in ListenerName]?: string | undefined }

export type PartsOptions = {
  layout: Layout
  keys: Keys
  ports: Ports
  without: readonly OptionalPart[]
  runtime: EngineRuntime
  environment: Environment
  log: Log
  /** Written by the parts as they come up. */
  addresses: Addresses
}
