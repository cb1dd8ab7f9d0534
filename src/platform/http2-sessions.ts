import type { Http2Session } from 'node:http2'
import { Http2SessionManager, type Http2SessionOptions } from '@connectrpc/connect-node'

/**
 * The HTTP/2 connections of a Connect client. A session can fail after connect-node has let go of it (a peer that speaks
 * something else than HTTP/2 is enough), and an error that nobody listens for ends the process: here somebody does.
 */
export function createHttp2Sessions(url: string, options: Http2SessionOptions): Http2SessionManager {
  const manager = new Http2SessionManager(url, options)
  const request = manager.request.bind(manager)
  const heard = new WeakSet<Http2Session>()
  manager.request = async (...call) => {
    const stream = await request(...call)
    const { session } = stream
    if (session && !heard.has(session)) {
      heard.add(session)
      session.on('error', () => undefined)
    }
    return stream
  }
  return manager
}
