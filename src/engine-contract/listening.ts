import { connect } from 'node:net'

/**
 * Whether anybody accepts connections there, asked on a connection of its own. Between a start and the moment when a
 * cluster's proxies know of it, an address may swallow what is sent to it: a call would wait for seconds until its
 * connection is tried again, and so would each call that shares it.
 */
export async function isListening(endpoint: string, withinMs: number): Promise<boolean> {
  const { hostname, port } = new URL(endpoint)
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) })
  socket.once('connect', () => resolve(true))
  socket.once('error', () => resolve(false))
  socket.setTimeout(withinMs, () => resolve(false))
  const listens = await promise
  socket.destroy()
  return listens
}
