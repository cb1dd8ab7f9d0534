import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { systemErrorCode } from './errors.ts'
import { problem, type Problem } from './wire.ts'

/**
 * Returns a handler for `clientError`: requests that the HTTP parser refuses, and those that do not arrive in time, are
 * answered with a problem document, and their connection is closed.
 */
export function createMalformedRequestHandler() {
  const current = new WeakMap<Duplex, ServerResponse>()
  return { track, handle }

  /** Must see each request, so that no second answer is written into one that has begun. */
  function track({ socket }: IncomingMessage, response: ServerResponse): void {
    current.set(socket, response)
  }

  function handle(error: Error, socket: Duplex): void {
    const response = current.get(socket)
    const hasBegun = response?.headersSent === true && !response.writableFinished
    if (socket.writable && !hasBegun && systemErrorCode(error) !== 'ECONNRESET') {
      socket.end(rawAnswer(problemOfParser(systemErrorCode(error))), () => socket.destroy())
    } else socket.destroy()
  }
}

/** Attaches the handler to a server of Node.js. */
export function answerMalformedRequests(server: Pick<EventEmitter, 'on'>): void {
  const { track, handle } = createMalformedRequestHandler()
  server.on('request', track)
  server.on('clientError', handle)
  server.on('checkExpectation', refuseExpectation)
}

/** Answers a request whose `Expect` header asks for something else than `100-continue`. */
export function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const document = problem(417, 'unknown_expectation', 'The Expect header may say 100-continue only.')
  const body = JSON.stringify(document)
  const headers = { 'content-type': 'application/problem+json', 'content-length': Buffer.byteLength(body) }
  response.writeHead(document.status, { ...headers, connection: 'close' })
  response.end(body)
}

function problemOfParser(code: unknown): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return problem(431, 'headers_too_large', 'The headers of the request are too large.')
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return problem(413, 'invalid_input', 'The chunk extensions of the request are too large.')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return problem(408, 'request_timeout', 'The request did not arrive in time.')
    default:
      return problem(400, 'malformed_request', 'The request is not valid HTTP.')
  }
}

function rawAnswer(document: Problem): string {
  const body = JSON.stringify(document)
  return [
    `HTTP/1.1 ${document.status} ${document.title}`,
    'Connection: close',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}
