import { connect, createServer, type Socket } from 'node:net'
import { once } from 'node:events'

export type TcpProxy = AsyncDisposable & {
  url: string
  leadTo: (url: string) => void
  /** From now on connections are kept and accepted, and nothing is said on any. */
  freeze: () => void
  /** How many connections are open, counted on both sides. */
  open: () => number
  /** Cuts every connection, and takes no new one until it leads somewhere again. */
  breakOff: () => void
}

/** A fixed address in front of one that changes: what restarts with other ports is found again. */
export async function startTcpProxy(): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let target: URL | undefined
  let isFrozen = false
  const server = createServer((socket) => {
    const onward = target && connect(Number(target.port), target.hostname)
    if (!onward) return socket.destroy()
    for (const [each, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(each)
      each.on('error', () => undefined)
      each.on('close', () => {
        sockets.delete(each)
        other.destroy()
      })
    }
    if (isFrozen) socket.pause()
    else socket.pipe(onward).pipe(socket)
    return undefined
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    leadTo: (url) => {
      target = new URL(url)
    },
    open: () => sockets.size,
    freeze: () => {
      isFrozen = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    breakOff: () => {
      target = undefined
      for (const socket of sockets) socket.destroy()
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
