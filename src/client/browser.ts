import type { Transport } from '@connectrpc/connect'
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web'
import { originRefusal } from './origin.ts'

export { createIndexedDbKeyStore } from './indexed-db.ts'

const transports = { connect: createConnectTransport, 'grpc-web': createGrpcWebTransport }

export type BrowserTransportOptions = {
  /** Where the gateway's authenticated interface is. */
  url: string
  protocol?: keyof typeof transports
}

/** Over the browser's own `fetch`. */
export function createBrowserTransport({ url, protocol = 'connect' }: BrowserTransportOptions): Transport {
  return transports[protocol]({ baseUrl: url, useBinaryFormat: true, fetch: explainingFetch(url) })
}

/** The browser's `fetch`, which says when it is the page's origin that the gateway refuses. */
function explainingFetch(baseUrl: string): typeof globalThis.fetch {
  return async (input, init) => {
    try {
      return await globalThis.fetch(input, init)
    } catch (cause) {
      if (init?.signal?.aborted) throw cause
      throw (await originRefusal(baseUrl, cause)) ?? cause
    }
  }
}
