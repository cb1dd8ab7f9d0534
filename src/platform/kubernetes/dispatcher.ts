import { isDeepStrictEqual } from 'node:util'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import type { TlsMaterial } from './credentials.ts'
import type { KubeconfigCluster } from './kubeconfig-file.ts'

/** Enough for every worker of a process; what is more waits its turn instead of opening a socket. */
const requestConnections = 64

/**
 * The connections to one API server, kept from call to call. New ones are made only when what they were made from
 * changes: certificates are rotated under our feet.
 */
export function createConnections(cluster: KubeconfigCluster): (tls: TlsMaterial) => Dispatcher {
  let kept: { tls: TlsMaterial; dispatcher: Dispatcher } | undefined
  return (tls) => {
    // The old one is let go, not closed: calls in progress end on it, and its idle sockets time out.
    if (!kept || !isDeepStrictEqual(kept.tls, tls)) kept = { tls, dispatcher: makeDispatcher(cluster, tls) }
    return kept.dispatcher
  }
}

/** Watches last for minutes, so they get connections of their own: however many there are, requests never wait for them. */
function makeDispatcher(cluster: KubeconfigCluster, tls: TlsMaterial): Dispatcher {
  const watches = makeAgent(cluster, tls, null)
  return makeAgent(cluster, tls, requestConnections).compose(
    (dispatch) => (call, handler) => (isWatch(call.path) ? watches.dispatch(call, handler) : dispatch(call, handler)),
  )
}

function isWatch(path: string): boolean {
  return /[?&]watch=(1|true)(&|$)/.test(path)
}

function makeAgent(cluster: KubeconfigCluster, tls: TlsMaterial, connections: number | null): Agent | ProxyAgent {
  const limits = {
    connections,
    // A server that closes idle connections sooner says so in its Keep-Alive header, which counts before this.
    keepAliveTimeout: 60_000,
    // Over HTTP/2 everything shares one connection, and with it one loss, one window and one stall.
    allowH2: false,
  }
  // `connect` makes undici forget the other connection settings, so they are said again.
  const tcp = { allowH2: false, timeout: 5000, keepAlive: true, keepAliveInitialDelay: 30_000 }
  const secure = tlsOptions(cluster, tls)
  const uri = cluster['proxy-url']
  if (uri === undefined) return new Agent({ ...limits, connect: { ...tcp, ...secure } })
  return new ProxyAgent({ ...limits, uri, requestTls: secure, connect: tcp })
}

/** Without members that are undefined: Node.js would not take them for absent ones. */
function tlsOptions(cluster: KubeconfigCluster, { ca, cert, key }: TlsMaterial) {
  const servername = cluster['tls-server-name']
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(servername !== undefined && { servername }),
    ...(cluster['insecure-skip-tls-verify'] && { rejectUnauthorized: false }),
  }
}
