import { constants } from 'node:http2'
import { Code, ConnectError } from '@connectrpc/connect'
import type { Answer, ConnectRequest } from './answer.ts'
import { discardedBytesMax } from './limits.ts'

/** The bytes of a request. Reading fails with `reason` once `fail` is called, also while it waits for more. */
export type RequestBody = AsyncIterable<Uint8Array> & { fail: (reason: unknown) => void }

/**
 * Reads a request's body. Unlike the iterator of the request itself, it leaves the request intact when the reader stops
 * early: a destroyed request would neither take nor discard what the client still sends, and the stream would stay open.
 */
export function openRequestBody(request: ConnectRequest): RequestBody {
  let failure: { reason: unknown } | undefined
  let wake = () => {}
  const fail = (reason: unknown) => {
    failure ??= { reason }
    wake()
  }
  return { fail, [Symbol.asyncIterator]: read }

  async function* read() {
    const onChange = () => wake()
    const onGone = () => fail(new ConnectError('the client has closed the request', Code.Canceled))
    request.on('readable', onChange).on('end', onChange).on('aborted', onGone).on('error', onGone)
    try {
      for (;;) {
        if (failure) throw failure.reason
        const chunk: unknown = request.read()
        if (chunk instanceof Uint8Array) yield chunk
        else if (request.readableEnded) return
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      request.off('readable', onChange).off('end', onChange).off('aborted', onGone).off('error', onGone)
    }
  }
}

/**
 * Closes a request that is answered before its body has ended. Otherwise client and server disagree about which streams
 * are open, and what has been received of the body stays in memory.
 */
export function closeUnreadRequest(request: ConnectRequest, response: Parameters<Answer>[1]): void {
  // The response of HTTP/2 emits 'finish' as late as the stream is closed.
  const output = 'stream' in response ? response.stream : response
  // Before Node.js hears of it, which would discard the rest of HTTP/1.1 uncounted.
  output.prependOnceListener('finish', () => {
    if (request.readableEnded) return
    if ('stream' in request) resetOnceAnswered(request)
    else discardRest(request)
  })
}

/**
 * Discards the rest of the body, so that the client can end its side: clients of Node.js never free what they could not
 * send. A rest that is long or slow is cut off, after the complete answer, by RST_STREAM with NO_ERROR (RFC 9113,
 * section 8.1).
 */
function resetOnceAnswered(request: Extract<ConnectRequest, { stream: unknown }>): void {
  const { stream } = request
  let left = discardedBytesMax
  let rounds = 0
  request.on('data', (chunk: Uint8Array) => {
    left -= chunk.length
  })
  check()

  // Node.js has no event for the frame that ends the answer, and a reset before that frame cuts the answer off.
  function check(): void {
    rounds += 1
    const { localClose, remoteClose } = stream.destroyed ? {} : stream.state
    if (localClose === undefined || remoteClose === 1) return
    if (localClose === 1 && (left < 0 || rounds > discardRounds)) stream.close(constants.NGHTTP2_NO_ERROR)
    else if (rounds > answerRounds) stream.close(constants.NGHTTP2_CANCEL)
    else setTimeout(check, roundMs)
  }
}

/** The client has half a second to end its side, and ten to take the answer. */
const [roundMs, discardRounds, answerRounds] = [10, 50, 1_000]

/** HTTP/1.1 has no resets: the rest is read, so that the connection can be used again, or the connection is closed. */
function discardRest(request: Exclude<ConnectRequest, { stream: unknown }>): void {
  if (request.complete) return void request.resume()
  const { socket } = request
  let left = discardedBytesMax
  request.on('data', (chunk: Uint8Array) => {
    left -= chunk.length
    if (left < 0) socket.destroy()
  })
}
