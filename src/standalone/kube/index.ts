import { type Clock, sleep, systemClock } from '../../platform/clock.ts'
import { listen } from '../../platform/http.ts'
import type { Log } from '../../platform/log.ts'
import type { ListenAddress } from '../../platform/settings.ts'
import type { CustomKind } from '../../resources/index.ts'
import { createAuthenticate, type Token } from './authenticate.ts'
import { createGate } from './gate.ts'
import { Collector } from './gc/collector.ts'
import { createRegistry } from './kinds/index.ts'
import { createDiscovery } from './routes/discovery.ts'
import { createResources } from './routes/resources.ts'
import { createWatches } from './routes/watch.ts'
import { seed } from './seed.ts'
import { createServer } from './server.ts'
import { Store } from './store/index.ts'
import type { Certificate } from '../../platform/certificate/index.ts'
import { answerTlsToo } from './tls/index.ts'

export type ResourceServerOptions = {
  databaseUrl: string
  listen: ListenAddress
  tokens: readonly Token[]
  /** Custom kinds, beside the built-in ones. */
  kinds: readonly CustomKind[]
  log: Log
  clock?: Clock
  /** Answer TLS too, on the same port: kubectl sends its token over nothing else. */
  tls?: Certificate | undefined
}

/** How long a stop waits for requests that are being answered. */
const drainMs = 5000

/** A running server; disposing of it ends watches, commits what was accepted and lets go of the database. */
export type ResourceServer = AsyncDisposable & {
  url: string
  /** Another certificate from now on, where TLS is answered. */
  show: (certificate: Certificate) => void
}

/**
 * Serves the Kubernetes API for our kinds, Namespaces, Events and Leases out of a migrated database.
 * @throws StartupError when the address is taken, the database is away, or another server writes to it
 */
export async function startResourceServer(options: ResourceServerOptions): Promise<ResourceServer> {
  const { log, clock = systemClock } = options
  const registry = createRegistry(options.kinds)
  await using stack = new AsyncDisposableStack()
  const store = stack.use(await Store.open({ url: options.databaseUrl, log }))
  const deps = { store, registry, clock, log }
  await seed(deps, options.kinds)
  stack.use(new Collector(deps))
  const watches = createWatches(deps)
  const gate = createGate()
  const app = createServer({
    ...deps,
    watches,
    gate,
    authenticate: createAuthenticate(options.tokens),
    discovery: createDiscovery(registry),
    resources: createResources(deps),
  })
  const tls = options.tls && answerTlsToo(app.server, options.tls)
  const listener = stack.use(await listen(app, options.listen, 'the address of the resource server'))
  if (tls) stack.use(tls)
  stack.defer(async () => {
    const drained = gate.close(drainMs)
    watches.end()
    await drained
    // The last answers leave before their connections are closed.
    await sleep(20)
  })
  const running = stack.move()
  return {
    url: listener.url,
    show: (certificate) => tls?.show(certificate),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
