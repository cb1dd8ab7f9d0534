import { type Client, createClient, type Interceptor } from '@connectrpc/connect'
import { createGrpcTransport } from '@connectrpc/connect-node'
import { Push } from '../../gen/galaxy/push/v1/push_pb.ts'
import { createHttp2Sessions } from '../../platform/http2-sessions.ts'

export type PushServer = {
  /** Of the backend's push listener; http is h2c. */
  url: string
  serviceToken: string
}

export type PushConnection = Disposable & { client: Client<typeof Push> }

/**
 * A connection for one attempt. A manager that lives longer keeps the sessions that the server has closed first
 * (connectrpc/connect-es#1545), and its pings and idle time would have to stay below the server's for ever.
 */
export function connectPush({ url, serviceToken }: PushServer): PushConnection {
  const sessionManager = createHttp2Sessions(url, {
    pingIntervalMs: 10_000,
    pingTimeoutMs: 5_000,
    idleConnectionTimeoutMs: 5_000,
  })
  const authorize: Interceptor = (next) => (request) => {
    request.header.set('authorization', `Bearer ${serviceToken}`)
    return next(request)
  }
  const transport = createGrpcTransport({
    baseUrl: url,
    sessionManager,
    interceptors: [authorize],
    readMaxBytes: 1024 * 1024,
  })
  return { client: createClient(Push, transport), [Symbol.dispose]: () => sessionManager.abort() }
}
