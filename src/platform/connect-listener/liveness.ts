import type { Http2Server, Http2Session, Http2Stream } from 'node:http2'
import type { Answer } from './answer.ts'
import { idleSessionMs, lifeSignMs } from './limits.ts'

/**
 * Ends HTTP/2 connections on which nothing moves, and those whose client is gone without a word. What is sent to such a
 * client is taken for lost by TCP after a quarter of an hour only, and as long its calls would count as open.
 */
export function endLostSessions(server: Pick<Http2Server, 'on'>): void {
  server.on('session', (session) => {
    session.setTimeout(idleSessionMs, () => session.close())
    pingWhileBusy(session)
  })
}

/** Only while calls are open: a sign of life is also something that moves. */
function pingWhileBusy(session: Http2Session): void {
  const streams = new Set<Http2Stream>()
  let answered = true
  session.on('stream', (stream) => {
    streams.add(stream)
    stream.once('close', () => streams.delete(stream))
  })
  const ask = () => {
    answered = false
    session.ping((error) => {
      answered = error === null
    })
  }
  const end = () => {
    for (const stream of streams) stream.destroy()
    session.destroy()
  }
  const timer = setInterval(() => {
    if (!answered) end()
    else if (streams.size > 0) ask()
  }, lifeSignMs)
  session.once('close', () => clearInterval(timer))
}

/** Cuts a call whose client takes nothing of what waits for it: it would keep the call, and the memory, for ever. */
export function cutWhenStuck(response: Parameters<Answer>[1]): void {
  const output = 'stream' in response ? response.stream : response
  let waiting = false
  const drained = () => {
    waiting = false
  }
  const timer = setInterval(() => {
    if (waiting) output.destroy()
    waiting = output.writableNeedDrain
  }, lifeSignMs)
  output.on('drain', drained)
  output.once('close', () => clearInterval(timer))
}
