import { createContextValues, type Interceptor } from '@connectrpc/connect'
import { EdgeGateway } from '../gen/galaxy/gateway/v1/gateway_pb.ts'
import { type ConnectListener, listenConnect } from '../platform/connect-listener/index.ts'
import type { Log } from '../platform/log.ts'
import type { Metrics } from '../platform/metrics.ts'
import { answerConnectErrors, explainOwnErrors } from '../platform/rpc.ts'
import { noTracer, type Tracer } from '../platform/telemetry/index.ts'
import { clientIpKey } from './envelope/index.ts'
import { measureCalls } from './measure.ts'
import { createClientAddress } from './public/index.ts'
import type { subscribeEvents } from './push/index.ts'
import type { executeCommand } from './routing/index.ts'
import type { EdgeSettings } from './settings.ts'
import { readTlsFiles } from './tls.ts'
import { traceCommands } from './trace-commands.ts'

export type AuthListenerOptions = {
  settings: Pick<EdgeSettings, 'auth' | 'tls' | 'corsOrigins' | 'trustedProxies'>
  handlers: {
    executeCommand: ReturnType<typeof executeCommand>
    subscribeEvents: ReturnType<typeof subscribeEvents>
  }
  metrics: Metrics
  tracer?: Tracer
  log: Log
}

/** Of every error. */
const domain = 'galaxy.edge'

const limits = {
  /** A payload of 64 KiB, as JSON in an envelope that is JSON itself, and room. */
  readMaxBytes: 262_144,
  /** The backend's largest answer, as base64 in JSON. */
  writeMaxBytes: 2 * 1_048_576,
  /** As long as an event stream lives. */
  maxTimeoutMs: 6 * 3_600_000,
}

/**
 * Opens the authenticated listener: Connect, gRPC and gRPC-Web on one port.
 * @throws StartupError naming the setting that is wrong
 */
export async function listenAuthenticated(options: AuthListenerOptions) {
  const { settings, handlers, metrics, tracer = noTracer, log } = options
  const tls = await readTlsFiles(settings.tls)
  const clientAddress = createClientAddress(settings.trustedProxies)
  const interceptors: Interceptor[] = [
    measureCalls(metrics),
    answerConnectErrors({ domain, onBug: (err) => log.error({ err }, 'unhandled') }),
    traceCommands(tracer),
  ]
  const listener: ConnectListener = await listenConnect({
    address: settings.auth,
    setting: 'setting GATEWAY_AUTH_ADDR',
    routes: (router) => router.service(EdgeGateway, handlers),
    interceptors,
    gate: explainOwnErrors(domain),
    contextValues: ({ socket, headers }) =>
      createContextValues().set(clientIpKey, clientAddress(socket.remoteAddress, headers['x-forwarded-for'])),
    ...(tls && { tls }),
    cors: { origins: settings.corsOrigins },
    limits,
    log,
  })
  return listener
}
