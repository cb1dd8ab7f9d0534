import { type Clock, systemClock } from '../platform/clock.ts'
import { messageOf } from '../platform/errors.ts'
import { type Listener, listen, metricsApp } from '../platform/http.ts'
import { type Log, withRepeatLimit } from '../platform/log.ts'
import { logMetrics } from '../platform/log-metrics.ts'
import { createMetrics } from '../platform/metrics.ts'
import { briefly, StopSequence } from '../platform/stop-sequence.ts'
import { startTelemetry } from '../platform/telemetry/index.ts'
import { listenAuthenticated } from './auth-listener.ts'
import { createAuthenticate } from './envelope/index.ts'
import { type Base, type Parts, startParts } from './parts.ts'
import { listenPublic } from './public-listener.ts'
import { createPublicApp, type Readiness } from './public/index.ts'
import { subscribeEvents } from './push/index.ts'
import { createRoute, executeCommand } from './routing/index.ts'
import type { EdgeSettings } from './settings.ts'

export type EdgeOptions = { settings: EdgeSettings; log: Log; clock?: Clock; runtimeMetrics?: boolean }

export type EdgeProcess = AsyncDisposable & {
  publicUrl: string
  authUrl: string
  adminUrl: string | undefined
}

/**
 * Starts `galaxy edge`. Disposed of, it takes itself out of service, ends the event streams, lets running requests end,
 * and then lets go of what they needed.
 * @throws StartupError naming the setting that is wrong
 */
export async function startEdge({
  settings,
  clock = systemClock,
  runtimeMetrics = true,
  ...options
}: EdgeOptions): Promise<EdgeProcess> {
  const log = withRepeatLimit(options.log)
  const stop = new StopSequence({ withinMs: settings.shutdownTimeoutMs, log })
  try {
    const metrics = createMetrics({ runtime: runtimeMetrics })
    logMetrics(metrics)
    const telemetry = await startTelemetry({
      service: 'galaxy-edge',
      traces: settings.traces,
      metrics: { exporter: settings.metricsExporter, registry: metrics },
      log,
    })
    stop.add('telemetry', () => telemetry[Symbol.asyncDispose](), briefly)
    const base: Base = { settings, log, clock, metrics, tracer: telemetry.tracer, stop }
    const urls = await openListeners(base, await startParts(base))
    log.info(urls, 'the gateway listens')
    return { ...urls, [Symbol.asyncDispose]: () => stop[Symbol.asyncDispose]() }
  } catch (error) {
    await stop[Symbol.asyncDispose]().catch((failure: unknown) => log.warn(messageOf(failure)))
    throw error
  }
}

async function openListeners(base: Base, parts: Parts): Promise<Omit<EdgeProcess, typeof Symbol.asyncDispose>> {
  const { settings, log, metrics, tracer, stop } = base
  // A line for every request would be noise: errors are logged.
  const quiet = log.child({}, { level: 'warn' })
  let draining = false
  const state = async (): Promise<Readiness> => {
    if (draining) return 'draining'
    return parts.push.isOpen() && parts.replay.ready() ? 'ready' : 'unavailable'
  }
  const publicListener = await openPublic({ ...base, log: quiet }, parts, state)
  const scraped = metricsApp(metrics, quiet, { tracer, continues: true })
  const admin = settings.admin && (await listen(scraped, settings.admin, adminSetting))
  if (admin) stop.add('admin listener', () => admin[Symbol.asyncDispose](), { ...briefly, alongside: true })
  const authListener = await openAuth({ ...base, log: quiet }, parts)
  stop.add('event streams', () => {
    draining = true
    // Before the listeners: they would wait for streams that nobody ends.
    parts.hub.close()
  })
  return { publicUrl: publicListener.url, authUrl: authListener.url, adminUrl: admin?.url }
}

const adminSetting = 'setting GATEWAY_ADMIN_HTTP_ADDR'

async function openPublic(
  { settings, clock, metrics, tracer, log, stop }: Base,
  { backend, signer }: Parts,
  state: () => Promise<Readiness>,
): Promise<Listener> {
  const { audience, corsOrigins, trustedProxies } = settings
  const policy = { audience, corsOrigins, trustedProxies }
  const app = createPublicApp({ backend, signer, ...policy, clock, state, tracer, metrics, log })
  const listener = await listenPublic(app, settings.publicHttp)
  stop.add('public listener', listener.closeGracefully)
  return listener
}

async function openAuth({ settings, clock, metrics, tracer, log, stop }: Base, parts: Parts): Promise<Listener> {
  const { signer, replay, overload, backend, hub } = parts
  const { audience, freshnessWindowMs } = settings
  const authenticate = createAuthenticate({ backend, replay, overload, audience, freshnessWindowMs, clock })
  const handlers = {
    executeCommand: executeCommand({ authenticate, route: createRoute({ backend }), signer, clock }),
    subscribeEvents: subscribeEvents({ hub, authenticate }),
  }
  const listener = await listenAuthenticated({ settings, handlers, metrics, tracer, log })
  // Before the public one, which says meanwhile that the gateway lives and is not ready.
  stop.add('authenticated listener', listener.closeGracefully)
  return listener
}
