import type { ConnectionOptions } from 'node:tls'
import { isDeepStrictEqual } from 'node:util'
import type { KubeConfig } from '@kubernetes/client-node'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'

type DispatcherOptions = ReturnType<KubeConfig['createDispatcherOptions']>
type Cluster = Parameters<KubeConfig['createDispatcherOptions']>[0]
type TlsOptions = Parameters<KubeConfig['createDispatcherOptions']>[1]

/** Enough for every worker of a process; what is more waits its turn instead of opening a socket. */
const requestConnections = 64

/**
 * Makes a KubeConfig keep its connections: by itself, version 2.0.1 makes a dispatcher, and with it a TLS connection,
 * for every request. The method is private in its types, hence defineProperty instead of a subclass.
 * A new dispatcher is made only when what it was made from changes (certificates are rotated under our feet).
 */
export function keepConnections(config: KubeConfig): void {
  let kept: { options: DispatcherOptions; dispatcher: Dispatcher } | undefined
  const createDispatcher = (cluster: Cluster, tls: TlsOptions): Dispatcher => {
    const options = dispatcherOptions(config, cluster, tls)
    // The old one is let go, not closed: calls in progress end on it, and its idle sockets time out.
    if (!kept || !isDeepStrictEqual(kept.options, options)) kept = { options, dispatcher: makeDispatcher(options) }
    return kept.dispatcher
  }
  Object.defineProperty(config, 'createDispatcher', { value: createDispatcher })
}

/** The library refuses http without `insecure-skip-tls-verify`; kubectl does not, and on loopback there is no one to fear. */
function dispatcherOptions(config: KubeConfig, cluster: Cluster, tls: TlsOptions): DispatcherOptions {
  if (cluster && !cluster.proxyUrl && isPlainLoopback(cluster.server)) return { type: 'none' }
  return config.createDispatcherOptions(cluster, tls)
}

function isPlainLoopback(server: string): boolean {
  const { protocol, hostname } = new URL(server)
  return protocol === 'http:' && /^(127\.[0-9.]+|localhost|\[::1\])$/.test(hostname)
}

/** Watches last for minutes, so they get connections of their own: however many there are, requests never wait for them. */
function makeDispatcher(options: DispatcherOptions): Dispatcher {
  const watches = makeAgent(options, null)
  return makeAgent(options, requestConnections).compose(
    (dispatch) => (call, handler) => (isWatch(call.path) ? watches.dispatch(call, handler) : dispatch(call, handler)),
  )
}

function isWatch(path: string): boolean {
  return /[?&]watch=(1|true)(&|$)/.test(path)
}

function makeAgent(options: DispatcherOptions, connections: number | null): Agent | ProxyAgent {
  const limits = {
    connections,
    // A server that closes idle connections sooner says so in its Keep-Alive header, which counts before this.
    keepAliveTimeout: 60_000,
    // Over HTTP/2 everything shares one connection, and with it one loss, one window and one stall.
    allowH2: false,
    connectTimeout: 5000,
  }
  if (options.type === 'none') return new Agent(limits)
  if (options.type === 'socks') throw new Error(`proxy-url ${options.uri}: SOCKS proxies are not supported`)
  // `connect` makes undici forget the other connection settings, so they are said again.
  const tcp = { allowH2: false, timeout: 5000, keepAlive: true, keepAliveInitialDelay: 30_000 }
  if (options.type === 'agent') return new Agent({ ...limits, connect: { ...tcp, ...given(options.connect) } })
  return new ProxyAgent({ ...limits, uri: options.uri, requestTls: given(options.requestTls), connect: tcp })
}

/** What a KubeConfig says about TLS, without the members that it leaves undefined. */
function given({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }: ConnectionOptions) {
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(pfx !== undefined && { pfx }),
    ...(passphrase !== undefined && { passphrase }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    ...(servername !== undefined && { servername }),
  }
}
