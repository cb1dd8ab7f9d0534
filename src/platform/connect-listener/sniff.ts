import type { Socket } from 'node:net'

/** What every HTTP/2 connection begins with (RFC 9113, section 3.4); no HTTP/1.1 request does. */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

export type Sniffing = { withinMs: number; onHttp1: (socket: Socket) => void; onHttp2: (socket: Socket) => void }

/**
 * Hands a fresh connection on as soon as its first bytes tell the protocol, with all of its bytes before it. Who has not
 * said enough in time is cut off.
 */
export function sniffProtocol(socket: Socket, { withinMs, onHttp1, onHttp2 }: Sniffing): void {
  let seen = Buffer.alloc(0)
  const giveUp = () => socket.destroy()
  const timeout = setTimeout(giveUp, withinMs)
  socket.on('data', onData).once('end', giveUp).once('error', giveUp).once('close', stop)

  // Not 'readable': what is put back from there is never seen by the HTTP/2 session.
  function onData(data: Buffer): void {
    seen = Buffer.concat([seen, data])
    const compared = Math.min(seen.length, preface.length)
    const fits = seen.subarray(0, compared).equals(preface.subarray(0, compared))
    if (fits && compared < preface.length) return
    stop()
    socket.pause()
    socket.unshift(seen)
    if (fits) onHttp2(socket)
    else onHttp1(socket)
  }

  function stop(): void {
    clearTimeout(timeout)
    socket.off('data', onData).off('end', giveUp).off('error', giveUp).off('close', stop)
  }
}
