import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { sleep } from '../platform/clock.ts'
import { type Listener, listen } from '../platform/http.ts'
import type { ListenAddress } from '../platform/settings.ts'

export type PublicListener = Listener & { closeGracefully: (deadlineMs: number) => Promise<void> }

/**
 * Binds the public listener. Closing a Fastify app cuts what runs; gracefully, running requests are answered first.
 * @throws StartupError naming the setting
 */
export async function listenPublic(app: FastifyInstance, address: ListenAddress): Promise<PublicListener> {
  const running = new Set<ServerResponse>()
  app.server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
    running.add(response)
    response.once('close', () => running.delete(response))
  })
  const listener = await listen(app, address, 'setting GATEWAY_PUBLIC_HTTP_ADDR')
  return {
    ...listener,
    closeGracefully: async (deadlineMs) => {
      const answered = new AbortController()
      const all = Promise.all([...running].map((response) => once(response, 'close')))
      await Promise.race([all, sleep(deadlineMs, answered.signal)])
      answered.abort()
      await app.close()
    },
  }
}
