import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { messageOf, StartupError } from '../errors.ts'
import type { Listener } from '../http.ts'
import type { Log } from '../log.ts'
import type { ListenAddress } from '../settings.ts'
import { type AnswerOptions, createAnswer } from './answer.ts'
import { createCleartextServer, createTlsServer, type TlsPair } from './servers.ts'

export type ConnectListenerOptions = AnswerOptions & {
  address: ListenAddress
  /** Named when the address cannot be bound, or the certificate not be used. */
  setting: string
  tls?: TlsPair
}

export type ConnectListener = Listener & {
  /**
   * Accepts nothing new, tells clients to go elsewhere, and lets running calls end for `deadlineMs`; what is left then is
   * cut. Called again, the deadline is the new one. Disposing of the listener cuts at once.
   */
  closeGracefully: (deadlineMs: number) => Promise<void>
}

/**
 * Serves Connect, gRPC and gRPC-Web over HTTP/1.1 and HTTP/2, with or without TLS, on one port.
 * @throws StartupError naming `setting`
 */
export async function listenConnect({ address, setting, tls, ...options }: ConnectListenerOptions) {
  let closing: Promise<void> | undefined
  let cut: NodeJS.Timeout | undefined
  const answer = createAnswer(options, () => closing !== undefined)
  const { server, close } = tls ? createTlsServer(tls, answer) : createCleartextServer(answer)
  const sockets = trackSockets(server)
  await bind(server, address, setting)
  // A connection that could not be accepted; the others go on.
  server.on('error', (err) => options.log.error({ err }, setting))
  const closeGracefully = (deadlineMs: number) => {
    clearTimeout(cut)
    cut = setTimeout(() => cutAll(sockets, { deadlineMs, setting, log: options.log }), deadlineMs)
    return (closing ??= close().finally(() => clearTimeout(cut)))
  }
  const bound = server.address()
  const port = typeof bound === 'object' && bound ? bound.port : address.port
  const listener: ConnectListener = {
    url: `${tls ? 'https' : 'http'}://${reachable(address.host)}:${port}`,
    port,
    closeGracefully,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await closeGracefully(0)
    },
  }
  return listener
}

async function bind(server: Server, address: ListenAddress, setting: string): Promise<void> {
  try {
    server.listen(address)
    await once(server, 'listening')
  } catch (error) {
    throw new StartupError(`${setting}: cannot listen on ${address.host}:${address.port}: ${messageOf(error)}`)
  }
}

function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    // A peer that has vanished without a word is found out.
    socket.setKeepAlive(true, 30_000)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

type Closing = { deadlineMs: number; setting: string; log: Log }

function cutAll(sockets: ReadonlySet<Socket>, { deadlineMs, setting, log }: Closing): void {
  if (deadlineMs > 0) log.warn({ connections: sockets.size, afterMs: deadlineMs }, `${setting}: connections are cut`)
  for (const socket of sockets) socket.destroy()
}

/** The part of a URL by which this machine reaches what listens on `host`. */
function reachable(host: string): string {
  if (host === '::' || host === '0.0.0.0') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
