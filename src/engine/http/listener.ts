import { once } from 'node:events'
import type { Server } from 'node:http'
import { createDrain } from '../../platform/drain.ts'
import { messageOf, StartupError } from '../../platform/errors.ts'
import type { Listener } from '../../platform/http.ts'
import type { Log } from '../../platform/log.ts'
import { createServer } from '../../platform/node-http.ts'
import type { ListenAddress } from '../../platform/settings.ts'
import { answerRequest, type Routes } from './answer.ts'

type ListenerOptions = {
  routes: Routes
  address: ListenAddress
  log: Log
  /** Told of each call, whatever comes of it. */
  onCall?: (() => void) | undefined
}

/** `finish` turns new calls away, waits for those that are being worked on, and returns how many are left. */
export type CallListener = Listener & { finish: (withinMs: number) => Promise<number> }

/**
 * Answers calls, on Node's own server: engines are started by the hundred at once, and a framework takes longer to start
 * than all the rest of an engine.
 * @throws StartupError when the address cannot be bound
 */
export async function openListener({ routes, address, log, onCall }: ListenerOptions): Promise<CallListener> {
  const { begin, end, requireOpen, finish } = createDrain()
  const server = createServer({ requestTimeout: 30_000, keepAliveTimeout: 72_000 }, (request, response) => {
    onCall?.()
    begin(request)
    response.once('close', () => end(request))
    void answerRequest({ routes, log, requireOpen }, request, response)
  })
  const port = await bind(server, address)
  return { url: urlOf(address.host, port), port, finish, [Symbol.asyncDispose]: () => close(server) }
}

async function bind(server: Server, { host, port }: ListenAddress): Promise<number> {
  // Named by nothing, all addresses are bound also where there is no IPv6, and nobody has to find out what `::` is.
  server.listen({ port, ...(host === '::' ? {} : { host }) })
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new StartupError(`GALAXY_ENGINE_PORT: cannot listen on ${host}:${port}: ${messageOf(error)}`)
  }
  const bound = server.address()
  return typeof bound === 'object' && bound ? bound.port : port
}

/** How to reach the listener from this machine. */
function urlOf(host: string, port: number): string {
  const reached = host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
