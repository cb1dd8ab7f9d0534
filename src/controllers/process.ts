import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { type Clock, systemClock } from '../platform/clock.ts'
import { messageOf } from '../platform/errors.ts'
import { createHttpApp, listen, metricsApp } from '../platform/http.ts'
import { createResourceClient, type KubeConfig, loadKubeConfig } from '../platform/kubernetes/client.ts'
import { createEventRecorder } from '../platform/kubernetes/events.ts'
import { type Log, withRepeatLimit } from '../platform/log.ts'
import { logMetrics } from '../platform/log-metrics.ts'
import { createMetrics } from '../platform/metrics.ts'
import { readSecretFile } from '../platform/secret-file.ts'
import { briefly, StopSequence } from '../platform/stop-sequence.ts'
import { startTelemetry } from '../platform/telemetry/index.ts'
import { createHost } from './host.ts'
import { certificatesFromFiles, ownCertificates, startAdmission, webhookConfigurationKind } from './admission/index.ts'
import { createInternalApiService, createWakes, internalApiRoutes } from './internal-api/index.ts'
import { createElector } from './operator/index.ts'
import type { ControllerSettings } from './settings.ts'
import { createWorkload } from './workload.ts'

export type ControllerOptions = { settings: ControllerSettings; log: Log; clock?: Clock; runtimeMetrics?: boolean }

export type ControllerProcess = AsyncDisposable & {
  url: string
  metricsUrl: string | undefined
  webhookUrl: string | undefined
  /** Rejects when it can no longer do its work. */
  failed: Promise<never>
  /** Disposes of it and ends the engines, too: for a platform that is stopped as a whole. */
  stopWithEngines: () => Promise<void>
}

/**
 * Starts `galaxy controller`: listeners first, then the caches, then the campaign for the lease. Disposed of, it finishes
 * the passes in progress and hands the lease over; engines run on and are adopted by the next.
 * @throws StartupError naming the setting that is wrong
 */
export async function startController(options: ControllerOptions): Promise<ControllerProcess> {
  const { settings, log, clock = systemClock } = options
  const { callTimeoutMs, turnTimeoutMs } = settings.limits
  const stop = new StopSequence({ withinMs: callTimeoutMs + turnTimeoutMs + otherStepsMs, log })
  try {
    return await start(stop, options, clock)
  } catch (error) {
    await stop[Symbol.asyncDispose]().catch((failure: unknown) => log.warn(messageOf(failure)))
    throw error
  }
}

/** For what a stop waits for beside the turns in progress. */
const otherStepsMs = 15_000

/** For steps that need none of those around them. */
const alongside = { ...briefly, alongside: true }

/** Each part says here how it is stopped: read from the end, these are the steps of the shutdown. */
async function start(
  stop: StopSequence,
  { settings, log, runtimeMetrics = true }: ControllerOptions,
  clock: Clock,
): Promise<ControllerProcess> {
  const { traces, metricsExporter: exporter } = settings
  const metrics = createMetrics({ runtime: runtimeMetrics })
  logMetrics(metrics)
  const telemetry = await startTelemetry({
    service: 'galaxy-controller',
    traces,
    metrics: { exporter, registry: metrics },
    log,
  })
  stop.add('telemetry', () => telemetry[Symbol.asyncDispose](), briefly)
  const { tracer } = telemetry
  const tracing = { tracer, continues: true }
  const stopping = new AbortController()
  const source = settings.kubeconfig === undefined ? { default: true as const } : { path: settings.kubeconfig }
  const config = { ...loadKubeConfig(source), stopping: stopping.signal }
  const serviceToken = await readServiceToken(settings)
  if (serviceToken === undefined) log.info('the internal API is closed: there is no service token')
  const host = await createHost(settings, config, log)
  const { stopGraceMs } = settings.limits
  stop.add('runtime', () => host[Symbol.asyncDispose](), { withinMs: stopGraceMs + briefly.withinMs, alongside: true })
  const events = createEventRecorder({
    config,
    component: 'galaxy-controller',
    instance: settings.lease.identity,
    clock,
    log,
    seriesReasons: ['TurnGenerated'],
  })
  stop.add('events', () => events[Symbol.asyncDispose](), alongside)
  const workload = createWorkload({ settings, config, host, events, metrics, tracer, log, clock })
  stop.add('caches', () => workload[Symbol.asyncDispose](), alongside)
  const quiet = withRepeatLimit(log).child({}, { level: 'warn' })
  const app = createHttpApp({ log: quiet, tracing, metrics })
  const service = createInternalApiService({ games: workload.games, now: clock.now, newId: randomUUID })
  const { games, cached, follow } = workload
  const wakes = createWakes({ games, cached, follow, maxHeld: settings.wakeQueue, metrics, now: clock.now })
  app.register(internalApiRoutes({ service, wakes, serviceToken }), { prefix: '/api/v1/internal' })
  probes(app, workload.synced)
  const listener = await listen(app, settings.http, 'setting CONTROLLER_HTTP_ADDR')
  stop.add('HTTP', () => listener[Symbol.asyncDispose](), briefly)
  const metricsListener = settings.metrics
    ? await listen(metricsApp(metrics, quiet, tracing), settings.metrics, 'setting CONTROLLER_METRICS_ADDR')
    : undefined
  stop.add('metrics', () => metricsListener?.[Symbol.asyncDispose](), alongside)
  const webhook = settings.webhook && (await startWebhook(settings.webhook, { config, clock, log }))
  stop.add('admission webhook', () => webhook?.[Symbol.asyncDispose](), alongside)
  workload.start()
  const campaign = runCampaign({ settings, config, clock, log, metrics, lead: workload.lead })
  stop.add('work and lease', campaign.stop)
  stop.add('long calls', () => stopping.abort())
  return {
    url: listener.url,
    metricsUrl: metricsListener?.url,
    webhookUrl: webhook?.url,
    failed: campaign.failed,
    stopWithEngines: async () => {
      try {
        stopping.abort()
        await campaign.stop()
        await host.stopAll({ graceMs: stopGraceMs })
      } finally {
        await stop[Symbol.asyncDispose]()
      }
    },
    [Symbol.asyncDispose]: () => stop[Symbol.asyncDispose](),
  }
}

async function readServiceToken({ serviceToken, serviceTokenFile }: ControllerSettings): Promise<string | undefined> {
  return serviceTokenFile === undefined
    ? serviceToken
    : readSecretFile(serviceTokenFile, 'CONTROLLER_SERVICE_TOKEN_FILE')
}

type WebhookNeeds = { config: KubeConfig; clock: Clock; log: Log }

function startWebhook(settings: NonNullable<ControllerSettings['webhook']>, { config, clock, log }: WebhookNeeds) {
  const { address, configuration, hosts, certFile, keyFile } = settings
  const files = certFile !== undefined && keyFile !== undefined ? { certFile, keyFile } : undefined
  return startAdmission({
    address,
    certificates: files ? certificatesFromFiles(files) : ownCertificates(hosts),
    publishing: {
      configurations: createResourceClient(config, webhookConfigurationKind),
      name: configuration,
      now: clock.now,
    },
    clock,
    log,
  })
}

function probes(app: FastifyInstance, synced: () => boolean): void {
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    if (synced()) return { status: 'ready' }
    return reply.code(503).send({ status: 'starting' })
  })
}

type CampaignNeeds = Omit<Parameters<typeof createElector>[0], 'lease' | 'identity'> & {
  settings: ControllerSettings
  lead: (signal: AbortSignal) => Promise<void>
}

/** Campaigns for the lease and works while it holds it, until stopped. */
function runCampaign({ settings, lead, ...needs }: CampaignNeeds) {
  const { key, ...lease } = settings.lease
  const stopping = new AbortController()
  const elector = createElector({ ...needs, ...lease, lease: key })
  const running = elector.run(lead, stopping.signal)
  const failed = running.then(
    () => new Promise<never>(() => undefined),
    (error: unknown) => Promise.reject(error instanceof Error ? error : new Error(String(error))),
  )
  failed.catch(() => undefined)
  return {
    failed,
    stop: async () => {
      stopping.abort()
      await running.catch(() => undefined)
    },
  }
}
