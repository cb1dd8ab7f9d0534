import { type Clock, settledWithin, systemClock } from '../platform/clock.ts'
import { messageOf } from '../platform/errors.ts'
import { listen, metricsApp } from '../platform/http.ts'
import { loadKubeConfig } from '../platform/kubernetes/client.ts'
import { type Log, withRepeatLimit } from '../platform/log.ts'
import { logMetrics } from '../platform/log-metrics.ts'
import { createMetrics } from '../platform/metrics.ts'
import { briefly, StopSequence } from '../platform/stop-sequence.ts'
import { startTelemetry } from '../platform/telemetry/index.ts'
import { createApiApp } from './app.ts'
import { listenForPush } from './push-listener.ts'
import { createReadiness } from './readiness.ts'
import { readSecrets } from './secrets.ts'
import { createServices, type Services } from './services.ts'
import type { ApiSettings } from './settings.ts'
import { startDatabase } from './start-database.ts'

export type ApiOptions = { settings: ApiSettings; log: Log; clock?: Clock; runtimeMetrics?: boolean }

export type ApiProcess = AsyncDisposable & { url: string; pushUrl: string; metricsUrl: string | undefined }

/**
 * Starts `galaxy api`: the database and its schema first, then push and the services, the listeners last, so that nothing
 * is asked that could not be answered. It does not wait for the Kubernetes API: people can sign in meanwhile, and
 * `/readyz` tells. Disposed of, it stops in the opposite order, each step within its deadline, and fails if one hangs.
 * @throws StartupError with a line for each setting that is wrong
 */
export async function startApi(options: ApiOptions): Promise<ApiProcess> {
  const { settings, clock = systemClock } = options
  const log = withRepeatLimit(options.log)
  const stop = new StopSequence({ withinMs: settings.shutdown.withinMs, log })
  try {
    return await start(stop, { ...options, log }, clock)
  } catch (error) {
    await stop[Symbol.asyncDispose]().catch((failure: unknown) => log.warn(messageOf(failure)))
    throw error
  }
}

/** For steps that need none of those around them. */
const alongside = { ...briefly, alongside: true }

/** Each part says here how it is stopped: read from the end, these are the steps of the shutdown. */
async function start(stop: StopSequence, { settings, log, runtimeMetrics = true }: ApiOptions, clock: Clock) {
  const { shutdown, docs } = settings
  const metrics = createMetrics({ runtime: runtimeMetrics })
  logMetrics(metrics)
  const telemetry = await startTelemetry({
    service: 'galaxy-api',
    traces: settings.traces,
    metrics: { exporter: settings.metricsExporter, registry: metrics },
    log,
  })
  stop.add('telemetry', () => telemetry[Symbol.asyncDispose](), briefly)
  const { tracer } = telemetry
  const tracing = { tracer, continues: true }
  const secrets = await readSecrets(settings.secrets)
  const config = loadKubeConfig(settings.kubeconfig === undefined ? { default: true } : { path: settings.kubeconfig })
  const db = await startDatabase(settings.database, log)
  stop.add('Postgres', () => db.end(), alongside)
  const services = createServices({ settings, secrets, db, config, metrics, tracer, log, clock })
  const { push, gameCache } = services
  const readiness = createReadiness({ push: push.ready, games: gameCache.hasSynced })
  const quiet = log.child({}, { level: 'warn' })
  const { serviceToken } = secrets
  const { app, requests } = await createApiApp({
    services,
    readiness,
    serviceToken,
    docs,
    tracing,
    metrics,
    log: quiet,
  })

  stop.add('engine connections', () => services.dispatcher.destroy(), alongside)
  stop.add('push service', () => push[Symbol.asyncDispose](), briefly)
  await push.start()
  const pushListener = await listenForPush({ address: settings.push, push, serviceToken, log })
  stop.add(
    'push',
    async (withinMs) => {
      await push.flush()
      push.endStreams()
      await pushListener.closeGracefully(withinMs)
    },
    { withinMs: shutdown.pushMs },
  )
  const metricsListener = settings.metrics
    ? await listen(metricsApp(metrics, quiet, tracing), settings.metrics, 'setting BACKEND_METRICS_ADDR')
    : undefined
  stop.add('metrics', () => metricsListener?.[Symbol.asyncDispose](), briefly)
  startWork(stop, services, log)

  const listener = await listen(app, settings.http, 'setting BACKEND_HTTP_ADDR')
  stop.add(
    'HTTP',
    async (withinMs) => {
      const left = await requests.finish(withinMs)
      await listener[Symbol.asyncDispose]()
      if (left > 0) throw new Error(`${left} requests were cut`)
    },
    { withinMs: shutdown.httpMs },
  )
  stop.add('new calls', () => {
    readiness.drain()
    requests.refuse()
    // Nothing new from now on; the streams there are end when everything that is still to be told has been.
    void pushListener.closeGracefully(shutdown.withinMs)
  })
  log.info({ url: listener.url, pushUrl: pushListener.url }, 'api listening')
  return {
    url: listener.url,
    pushUrl: pushListener.url,
    metricsUrl: metricsListener?.url,
    [Symbol.asyncDispose]: () => stop[Symbol.asyncDispose](),
  }
}

/** What works without being asked. */
function startWork(stop: StopSequence, services: Services, log: Log): void {
  const { gameCache, announcer, sessions, pruner } = services
  const stopGames = async () => {
    await gameCache[Symbol.asyncDispose]()
    await announcer[Symbol.asyncDispose]()
  }
  stop.add('games', stopGames, briefly)
  gameCache.start()
  void gameCache
    .synced()
    .then(() => announcer.forgetOthers(gameCache.list()))
    .catch((error: unknown) => log.debug({ err: error }, 'games that are gone were not looked for'))
  stop.add('sessions', () => sessions.settled(), alongside)
  stop.add('pruning', () => pruner[Symbol.asyncDispose](), alongside)
  pruner.start()
  stop.add('mail', (withinMs) => stopMail(services, log, withinMs), { alongside: true })
  services.mailWorker.start()
}

/** Waits for mails that are being sent, and only briefly for a database that does not take how it went. */
async function stopMail({ mailWorker, sends, transport }: Services, log: Log, withinMs: number): Promise<void> {
  const ended = mailWorker[Symbol.asyncDispose]()
  await sends.finish(withinMs)
  const isWritten = await settledWithin(briefly.withinMs, ended)
  transport.close()
  if (!isWritten) log.warn('the mail worker was left behind: the database does not answer')
}
