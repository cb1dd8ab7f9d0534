import { apiEnvironment, controllerEnvironment, edgeEnvironment } from './environments.ts'
import type { Layout } from './layout.ts'
import type { Addresses, OptionalPart } from './parts/index.ts'
import type { Ports } from './ports.ts'
import { quoted } from './shell.ts'

export type LeftOutOptions = {
  without: readonly OptionalPart[]
  layout: Layout
  ports: Ports
  addresses: Addresses
  /** The command, as a person here types it. */
  galaxy: string
}

/** How to run what `--without` has left out, for a shell. */
export function leftOutText({ without, ...options }: LeftOutOptions): string {
  return without.map((part) => `  The ${part} is left out. To run it:\n\n${commandOf(part, options)}\n\n`).join('')
}

function commandOf(part: OptionalPart, { galaxy, ...options }: Omit<LeftOutOptions, 'without'>): string {
  const lines = Object.entries(settingsOf[part](options)).map(([name, value]) => `      ${name}=${value} \\\n`)
  return `    env \\\n${lines.join('')}      ${galaxy} ${part}`
}

type Needs = Pick<LeftOutOptions, 'layout' | 'ports' | 'addresses'>

/** Values as a shell takes them. */
const settingsOf: Record<OptionalPart, (needs: Needs) => Record<string, string>> = {
  controller: ({ layout, ports }) =>
    quotedValues(
      controllerEnvironment(layout, { http: ports.address('controller'), metrics: ports.address('controllerMetrics') }),
    ),
  api: ({ layout, ports, addresses: { smtp = '', controller } }) => ({
    ...quotedValues(
      apiEnvironment(
        layout,
        {
          http: ports.address('api'),
          push: ports.address('push'),
          metrics: ports.address('apiMetrics'),
          database: '',
          smtp,
          controller,
        },
        {},
      ),
    ),
    // Its password belongs neither on a terminal nor into a log.
    BACKEND_DATABASE_URL: `"$(cat ${quoted(layout.databaseUrl)})"`,
  }),
  edge: ({ layout, ports, addresses: { api = '', push = '' } }) =>
    quotedValues(
      edgeEnvironment(
        layout,
        {
          publicHttp: ports.address('edgePublic'),
          auth: ports.address('edgeAuth'),
          admin: ports.address('edgeAdmin'),
          api,
          push,
        },
        {},
      ),
    ),
}

function quotedValues(settings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, quoted(value)]))
}
