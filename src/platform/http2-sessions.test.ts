import { once } from 'node:events'
import { createServer } from 'node:http'
import { createClient } from '@connectrpc/connect'
import { createGrpcTransport } from '@connectrpc/connect-node'
import { expect, it } from 'vitest'
import { Push } from '../gen/galaxy/push/v1/push_pb.ts'
import { createHttp2Sessions } from './http2-sessions.ts'

it('a peer that does not speak HTTP/2 fails the call, not the process', async () => {
  const server = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  const sessionManager = createHttp2Sessions(url, {})
  const client = createClient(Push, createGrpcTransport({ baseUrl: url, sessionManager }))
  const reading = client.subscribePush({})[Symbol.asyncIterator]().next()
  await expect(reading).rejects.toThrow('Protocol error')
  // Whatever the connection has to say in the end, it has said it by now.
  await new Promise((resolve) => setImmediate(resolve))
  sessionManager.abort()
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})
