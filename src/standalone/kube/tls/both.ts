import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createServer } from 'node:tls'
import type { Certificate } from '../../../platform/certificate/index.ts'

/** The first byte of every TLS connection (RFC 8446, section 5.1: a handshake record). */
const handshake = 0x16
const firstByteTimeoutMs = 30_000

export type BothAnswers = Disposable & {
  /** Another certificate from now on; connections that are open keep theirs. */
  show: (certificate: Certificate) => void
}

/**
 * Lets an HTTP server answer TLS as well, on the same port: the first byte of a connection tells. kubectl sends its
 * token over TLS only, while plain HTTP stays for programs on this machine. Disposing of it cuts every connection: the
 * server itself does not know those that have not said anything yet, and would wait for them when it closes.
 */
export function answerTlsToo(server: Server, { certificate, key }: Certificate): BothAnswers {
  const plain = server.listeners('connection')
  const accept = (socket: Socket) => plain.forEach((listener) => listener.call(server, socket))
  const secure = createServer({ cert: certificate, key, ALPNProtocols: ['http/1.1'] }, accept)
  secure.on('tlsClientError', (_error, socket) => socket.destroy())
  server.removeAllListeners('connection')
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    // Someone who connects and says nothing, or leaves before saying anything.
    const timeout = setTimeout(() => socket.destroy(), firstByteTimeoutMs)
    socket.once('close', () => {
      clearTimeout(timeout)
      sockets.delete(socket)
    })
    socket.on('error', () => socket.destroy())
    socket.once('data', (data: Buffer) => {
      clearTimeout(timeout)
      socket.pause()
      socket.unshift(data)
      if (data[0] === handshake) secure.emit('connection', socket)
      else accept(socket)
      process.nextTick(() => socket.resume())
    })
  })
  return {
    show: (next) => secure.setSecureContext({ cert: next.certificate, key: next.key }),
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}
