import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { runUntilSignalled } from '../../src/platform/lifecycle.ts'

/** Serves on a port of loopback, says where on one line, and ends when it is told to. */
export function serveUntilSignalled(handler: RequestListener, end: () => unknown = () => undefined): Promise<void> {
  return runUntilSignalled(async () => {
    const server = createServer(handler)
    server.keepAliveTimeout = 60_000
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    console.log(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`)
    return {
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections()
        server.close()
        await end()
      },
    }
  })
}
