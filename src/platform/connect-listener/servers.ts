import { createServer as createHttp1Server } from 'node:http'
import { createServer as createHttp2Server, createSecureServer } from 'node:http2'
import type { Server, Socket } from 'node:net'
import { answerMalformedRequests } from '../malformed-requests.ts'
import type { Answer } from './answer.ts'
import { firstBytesWithinMs, handshakeWithinMs, http1Limits, http2Limits } from './limits.ts'
import { endLostSessions } from './liveness.ts'
import { sniffProtocol } from './sniff.ts'

/** PEM. */
export type TlsPair = { cert: string; key: string }

export type ConnectServer = {
  server: Server
  /** Accepts nothing any more and tells HTTP/2 clients so; resolves when the last connection has ended. */
  close: () => Promise<void>
}

/** HTTP/1.1 and HTTP/2 without TLS on one port: the first bytes decide. */
export function createCleartextServer(answer: Answer): ConnectServer {
  // This one listens, and not a plain server before two inner ones: Node.js watches over slow clients, and closes idle
  // connections, only where `listen` was called.
  const http1 = createHttp1Server(http1Limits, answer)
  const http2 = createHttp2Server(http2Limits, answer)
  endLostSessions(http2)
  answerMalformedRequests(http1)
  const acceptHttp1 = http1.listeners('connection')
  const undecided = new Set<Socket>()
  http1.removeAllListeners('connection')
  http1.on('connection', (socket: Socket) => {
    undecided.add(socket)
    socket.once('close', () => undecided.delete(socket))
    sniffProtocol(socket, {
      withinMs: firstBytesWithinMs,
      onHttp1: () => {
        undecided.delete(socket)
        for (const accept of acceptHttp1) accept.call(http1, socket)
        process.nextTick(() => socket.resume())
      },
      onHttp2: () => {
        undecided.delete(socket)
        // An HTTP/1.1 server keeps connections that are closed on one side; for HTTP/2 that is the end.
        socket.allowHalfOpen = false
        http2.emit('connection', socket)
      },
    })
  })
  return {
    server: http1,
    close: async () => {
      const closed = closing(http1)
      for (const socket of undecided) socket.destroy()
      http2.close()
      await closed
    },
  }
}

/** The same behind TLS, where ALPN decides. */
export function createTlsServer(tls: TlsPair, answer: Answer): ConnectServer {
  const server = createSecureServer(
    { ...http1Limits, ...http2Limits, ...tls, allowHTTP1: true, handshakeTimeout: handshakeWithinMs },
    answer,
  )
  endLostSessions(server)
  answerMalformedRequests(server)
  return { server, close: () => closing(server) }
}

function closing(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
