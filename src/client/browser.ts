import type { Transport } from '@connectrpc/connect'
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web'

export { createIndexedDbKeyStore } from './indexed-db.ts'

const transports = { connect: createConnectTransport, 'grpc-web': createGrpcWebTransport }

export type BrowserTransportOptions = {
  /** Where the gateway's authenticated interface is. */
  url: string
  protocol?: keyof typeof transports
}

/** Over the browser's own `fetch`. */
export function createBrowserTransport({ url, protocol = 'connect' }: BrowserTransportOptions): Transport {
  return transports[protocol]({ baseUrl: url, useBinaryFormat: true })
}
