import { createServer } from 'node:net'
import { StartupError } from '../platform/errors.ts'
import type { ListenAddress } from '../platform/settings.ts'

export type PortMode = 'default' | 'random'

const loopback = '127.0.0.1'

/** Every listener of `galaxy up`, and its port unless they are random. */
const listeners = {
  kubeApi: { title: 'the Kubernetes API', port: 8086 },
  mailbox: { title: 'the mailbox', port: 8087 },
  smtp: { title: "the mailbox's SMTP", port: 8025 },
  // Not 8080, where a kubectl without a kubeconfig looks for an API server.
  api: { title: 'the api', port: 8084 },
  push: { title: "the api's push", port: 8081 },
  apiMetrics: { title: "the api's metrics", port: 8082 },
  controller: { title: 'the controller', port: 8083 },
  controllerMetrics: { title: "the controller's metrics", port: 8085 },
  edgePublic: { title: "the edge's public listener", port: 8070 },
  edgeAuth: { title: "the edge's authenticated listener", port: 8071 },
  edgeAdmin: { title: "the edge's metrics", port: 8072 },
} as const satisfies Record<string, { title: string; port: number }>

export type ListenerName = keyof typeof listeners

export const listenerNames: readonly ListenerName[] = [
  'kubeApi',
  'mailbox',
  'smtp',
  'api',
  'push',
  'apiMetrics',
  'controller',
  'controllerMetrics',
  'edgePublic',
  'edgeAuth',
  'edgeAdmin',
]

export type Ports = {
  address: (name: ListenerName) => ListenAddress
  /** Remembers the port that was taken, so that a part which is started again keeps its address. */
  learn: (name: ListenerName, url: string | undefined) => void
}

export function createPorts(mode: PortMode): Ports {
  const learned = new Map<ListenerName, number>()
  return {
    address: (name) => ({ host: loopback, port: learned.get(name) ?? (mode === 'default' ? listeners[name].port : 0) }),
    learn: (name, url) => {
      if (url !== undefined) learned.set(name, Number(new URL(url).port))
    },
  }
}

/**
 * Tells before anything starts which addresses somebody else has.
 * @throws StartupError with a line for each, naming the part and the port
 */
export async function refuseTakenPorts(ports: Ports, names: readonly ListenerName[]): Promise<void> {
  const problems = await Promise.all(names.map(async (name) => portProblem(name, ports.address(name))))
  const said = problems.filter((problem) => problem !== undefined)
  if (said.length > 0) throw new StartupError(said.join('\n'))
}

/** Why the address of a part cannot be listened on; undefined when it can. */
export async function portProblem(name: ListenerName, address: ListenAddress): Promise<string | undefined> {
  const code = await tryListen(address)
  if (code === undefined) return undefined
  const why = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be listened on (${code})`
  return `port ${address.port} of ${listeners[name].title} ${why}: stop that program, or use --ports random`
}

function tryListen(address: ListenAddress): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen(address, () => server.close(() => resolve(undefined)))
  })
}
