import { createServer as createHttp1 } from 'node:http'
import { createServer as createHttp2, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Transport } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { account, scriptedPlayer } from '../../test/support/scripted-player.ts'
import { createBrowserTransport } from './browser.ts'
import { createGalaxyClient } from './index.ts'
import { createNodeTransport } from './node.ts'

/** A gateway on a port, over HTTP/1.1 or HTTP/2. */
async function served(version: 1 | 2) {
  const scripted = await scriptedPlayer()
  scripted.gateway.answer = () => ({ payload: account })
  const handler = connectNodeAdapter({ routes: scripted.gateway.routes })
  const server = version === 2 ? createHttp2(handler) : createHttp1(handler)
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session: ServerHttp2Session) => sessions.add(session))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const { key, deviceSessionId: session, gateway } = scripted
  const clientOver = (transport: Transport) =>
    createGalaxyClient({
      publicUrl: 'http://gateway',
      transport,
      key,
      session,
      fetch: gateway.fetch,
      clock: scripted.clock,
    })
  return { gateway, url: `http://127.0.0.1:${port}`, clientOver }
}

type Kind = { name: string; version: 1 | 2; open: (url: string) => Transport & Partial<Disposable> }

const kinds: Kind[] = [
  ...(['connect', 'grpc', 'grpc-web'] as const).map((protocol) => ({
    name: `${protocol} of Node.js`,
    version: 2 as const,
    open: (url: string) => createNodeTransport({ url, protocol }),
  })),
  ...(['connect', 'grpc-web'] as const).map((protocol) => ({
    name: `${protocol} of browsers`,
    version: 1 as const,
    open: (url: string) => createBrowserTransport({ url, protocol }),
  })),
]

describe.each(kinds)('over the network, by $name,', ({ version, open }) => {
  it('commands are answered and events come, until the client lets go', async () => {
    const { gateway, url, clientOver } = await served(version)
    const transport = open(url)
    const client = clientOver(transport)
    expect(await client.account()).toEqual(account)

    const ending = new AbortController()
    const types: string[] = []
    const listening = (async () => {
      for await (const { type } of client.events({ signal: ending.signal })) types.push(type)
    })()
    await eventually(() => types.length === 1)
    gateway.push('game.paused', { game_id: account.id, name: 'quickstart' })
    await eventually(() => types.length === 2)
    expect(types).toEqual(['gateway.server_time', 'game.paused'])

    ending.abort()
    await listening
    await eventually(() => gateway.openStreams() === 0)
    transport[Symbol.dispose]?.()
  })
})
