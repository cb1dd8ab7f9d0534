import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { z } from 'zod'
import { StartupError } from '../platform/errors.ts'
import { duration, type Environment, listenAddress, readSettings, toggle, wholeNumber } from '../platform/settings.ts'
import { metricsExporter, tracesExporter } from '../platform/telemetry/index.ts'
import { Quantity } from '../resources/index.ts'
import { defaultPolicy, type Policy } from './game/index.ts'

const nameList = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .refine((names) => names.every((name) => name !== ''), 'must be names with commas between them')

const Quantities = z.record(z.string().regex(/^[a-z][a-z0-9./-]*$/), Quantity)

/** `cpu=10m,memory=64Mi`, or `none`. */
const quantities = z.string().transform((text, context): Record<string, string> => {
  const pairs = text === 'none' ? [] : text.split(',').map((pair) => pair.trim().split('='))
  const isPaired = pairs.every(({ length }) => length === 2)
  const parsed = Quantities.safeParse(isPaired ? Object.fromEntries(pairs) : undefined)
  if (parsed.success) return Object.fromEntries(pairs)
  context.addIssue(`must be quantities such as cpu=10m,memory=64Mi, or none, but is "${text}"`)
  return z.NEVER
})

const Settings = z.object({
  CONTROLLER_HTTP_ADDR: listenAddress.prefault(':8083'),
  CONTROLLER_METRICS_ADDR: listenAddress.optional(),
  CONTROLLER_KUBECONFIG: z.string().optional(),
  CONTROLLER_RUNTIME: z
    .enum(['docker', 'pods', 'process'], {
      error: (issue) => `must be docker, pods or process, but is "${String(issue.input)}"`,
    })
    .prefault('process'),
  CONTROLLER_DOCKER_SOCKET: z.string().startsWith('/', 'must be the path of a socket').prefault('/var/run/docker.sock'),
  CONTROLLER_DOCKER_NETWORK: z.string().min(1).optional(),
  CONTROLLER_DOCKER_CONFIG: z.string().min(1).optional(),
  CONTROLLER_DOCKER_INSTANCE: z
    .string()
    .regex(
      /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
      'must be a label\'s value: letters, digits, ".", "_" and "-"',
    )
    .prefault('galaxy'),
  CONTROLLER_NAMESPACES: nameList.optional(),
  CONTROLLER_PULL_NAMESPACE: z.string().min(1).optional(),
  CONTROLLER_IMAGE_PULL_POLICY: z.enum(['Always', 'IfNotPresent', 'Never']).prefault('IfNotPresent'),
  CONTROLLER_POD_METADATA: nameList.optional(),
  CONTROLLER_PRIORITY_CLASSES: nameList.optional(),
  CONTROLLER_ENGINE_REQUESTS: quantities.prefault('cpu=10m,memory=64Mi'),
  CONTROLLER_ENGINE_LIMITS: quantities.prefault('none'),
  CONTROLLER_ENGINE_DIR: z.string().optional(),
  CONTROLLER_ENGINE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).prefault('info'),
  CONTROLLER_ALLOW_PROCESS_RUNTIME: toggle.prefault('false'),
  CONTROLLER_ENGINE_VERSION_NAMESPACE: z.string().prefault(defaultPolicy.engineVersionNamespace),
  CONTROLLER_LEASE_NAMESPACE: z.string().prefault('galaxy-system'),
  CONTROLLER_LEASE_DURATION: duration({ min: '1s', max: '5m' }).prefault('15s'),
  CONTROLLER_LEASE_RENEW_DEADLINE: duration({ min: '500ms', max: '5m' }).prefault('10s'),
  CONTROLLER_LEASE_RETRY_PERIOD: duration({ min: '100ms', max: '1m' }).prefault('2s'),
  CONTROLLER_IDENTITY: z.string().min(1).max(128).optional(),
  CONTROLLER_SERVICE_TOKEN: z.string().trim().min(1, 'must not be empty').optional(),
  CONTROLLER_SERVICE_TOKEN_FILE: z.string().optional(),
  CONTROLLER_WEBHOOK_ADDR: listenAddress.optional(),
  CONTROLLER_WEBHOOK_CONFIGURATION: z.string().min(1).prefault('galaxy-controller'),
  CONTROLLER_WEBHOOK_HOSTS: z.string().min(1).prefault('galaxy-controller.galaxy-system.svc'),
  CONTROLLER_WEBHOOK_CERT_FILE: z.string().optional(),
  CONTROLLER_WEBHOOK_KEY_FILE: z.string().optional(),
  CONTROLLER_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).prefault('info'),
  CONTROLLER_OTEL_TRACES_EXPORTER: tracesExporter,
  CONTROLLER_OTEL_METRICS_EXPORTER: metricsExporter,
  CONTROLLER_WORKERS: wholeNumber(1, 1024).prefault('16'),
  CONTROLLER_TURN_CONCURRENCY: wholeNumber(1, 1024).optional(),
  CONTROLLER_WAKE_LEAD: duration({ min: '100ms', max: '1h' }).prefault('10s'),
  CONTROLLER_WAKE_QUEUE: wholeNumber(1, 100_000).prefault('1000'),
  CONTROLLER_RESYNC: duration({ min: '1s', max: '24h' }).prefault('5m'),
  CONTROLLER_HEALTH_CHECK_INTERVAL: duration({ min: '100ms', max: '10m' }).prefault('15s'),
  CONTROLLER_ENGINE_START_TIMEOUT: duration({ min: '1s', max: '1h' }).prefault('60s'),
  CONTROLLER_ENGINE_UNRESPONSIVE_AFTER: duration({ min: '1s', max: '1h' }).prefault('30s'),
  CONTROLLER_ENGINE_STOP_GRACE: duration({ max: '10m' }).prefault('10s'),
  CONTROLLER_ENGINE_CALL_TIMEOUT: duration({ min: '100ms', max: '10m' }).prefault('30s'),
  CONTROLLER_ENGINE_STABLE_AFTER: duration({ min: '1s', max: '24h' }).prefault('60s'),
  CONTROLLER_TURN_TIMEOUT: duration({ min: '1s', max: '1h' }).prefault('2m'),
  CONTROLLER_TURN_ATTEMPTS: wholeNumber(1, 100).prefault('3'),
  CONTROLLER_TURN_FAILURE_LIMIT: wholeNumber(1, 1000).prefault('3'),
  CONTROLLER_ORPHAN_GRACE: duration({ max: '24h' }).prefault('60s'),
})

export type ControllerSettings = ReturnType<typeof readControllerSettings>

/**
 * The settings of `galaxy controller`.
 * @throws StartupError with one line for each wrong setting
 */
export function readControllerSettings(environment: Environment) {
  const e = readSettings(Settings, environment, { prefix: 'CONTROLLER_' })
  if ((e.CONTROLLER_WEBHOOK_CERT_FILE === undefined) !== (e.CONTROLLER_WEBHOOK_KEY_FILE === undefined)) {
    throw new StartupError('setting CONTROLLER_WEBHOOK_CERT_FILE: is needed together with CONTROLLER_WEBHOOK_KEY_FILE')
  }
  if (e.CONTROLLER_SERVICE_TOKEN !== undefined && e.CONTROLLER_SERVICE_TOKEN_FILE !== undefined) {
    throw new StartupError('setting CONTROLLER_SERVICE_TOKEN: must not be set beside CONTROLLER_SERVICE_TOKEN_FILE')
  }
  if (e.CONTROLLER_LEASE_RENEW_DEADLINE >= e.CONTROLLER_LEASE_DURATION) {
    throw new StartupError('setting CONTROLLER_LEASE_RENEW_DEADLINE: must be shorter than CONTROLLER_LEASE_DURATION')
  }
  const workers = e.CONTROLLER_WORKERS
  const turnConcurrency = e.CONTROLLER_TURN_CONCURRENCY ?? Math.ceil(workers / 2)
  if (turnConcurrency >= workers && workers > 1) {
    throw new StartupError(
      'setting CONTROLLER_TURN_CONCURRENCY: must be less than CONTROLLER_WORKERS, so that due turns leave room for all else',
    )
  }
  const policy: Policy = {
    ...defaultPolicy,
    startTimeoutMs: e.CONTROLLER_ENGINE_START_TIMEOUT,
    unresponsiveAfterMs: e.CONTROLLER_ENGINE_UNRESPONSIVE_AFTER,
    stableAfterMs: e.CONTROLLER_ENGINE_STABLE_AFTER,
    healthCheckMs: e.CONTROLLER_HEALTH_CHECK_INTERVAL,
    wakeLeadMs: e.CONTROLLER_WAKE_LEAD,
    turnAttempts: e.CONTROLLER_TURN_ATTEMPTS,
    turnFailureLimit: e.CONTROLLER_TURN_FAILURE_LIMIT,
    engineVersionNamespace: e.CONTROLLER_ENGINE_VERSION_NAMESPACE,
  }
  return {
    http: e.CONTROLLER_HTTP_ADDR,
    metrics: e.CONTROLLER_OTEL_METRICS_EXPORTER === 'none' ? undefined : e.CONTROLLER_METRICS_ADDR,
    metricsExporter: e.CONTROLLER_OTEL_METRICS_EXPORTER,
    traces: e.CONTROLLER_OTEL_TRACES_EXPORTER,
    kubeconfig: e.CONTROLLER_KUBECONFIG,
    logLevel: e.CONTROLLER_LOG_LEVEL,
    serviceToken: e.CONTROLLER_SERVICE_TOKEN,
    serviceTokenFile: e.CONTROLLER_SERVICE_TOKEN_FILE,
    lease: {
      key: { namespace: e.CONTROLLER_LEASE_NAMESPACE, name: 'galaxy-controller' },
      identity: e.CONTROLLER_IDENTITY ?? `${hostname()}_${randomUUID()}`,
      durationMs: e.CONTROLLER_LEASE_DURATION,
      renewDeadlineMs: e.CONTROLLER_LEASE_RENEW_DEADLINE,
      retryMs: e.CONTROLLER_LEASE_RETRY_PERIOD,
    },
    /** Where this controller looks for Games; everywhere when absent. */
    namespaces: e.CONTROLLER_NAMESPACES,
    runtime: runtimeSettings(e),
    webhook: e.CONTROLLER_WEBHOOK_ADDR && {
      address: e.CONTROLLER_WEBHOOK_ADDR,
      configuration: e.CONTROLLER_WEBHOOK_CONFIGURATION,
      hosts: e.CONTROLLER_WEBHOOK_HOSTS.split(',').map((host) => host.trim()),
      certFile: e.CONTROLLER_WEBHOOK_CERT_FILE,
      keyFile: e.CONTROLLER_WEBHOOK_KEY_FILE,
    },
    workers,
    turnConcurrency,
    wakeQueue: e.CONTROLLER_WAKE_QUEUE,
    resyncMs: e.CONTROLLER_RESYNC,
    orphanGraceMs: e.CONTROLLER_ORPHAN_GRACE,
    limits: {
      callTimeoutMs: e.CONTROLLER_ENGINE_CALL_TIMEOUT,
      turnTimeoutMs: e.CONTROLLER_TURN_TIMEOUT,
      stopGraceMs: e.CONTROLLER_ENGINE_STOP_GRACE,
    },
    policy,
  }
}

/** What the driver is to know, and only of the one that is chosen. */
function runtimeSettings(e: z.infer<typeof Settings>) {
  if (e.CONTROLLER_RUNTIME === 'docker') {
    return {
      kind: 'docker' as const,
      socket: e.CONTROLLER_DOCKER_SOCKET,
      network: e.CONTROLLER_DOCKER_NETWORK,
      /** Credentials for registries. */
      credentials: e.CONTROLLER_DOCKER_CONFIG,
      /** The same for all replicas of a platform, another for every other platform on the daemon. */
      instance: e.CONTROLLER_DOCKER_INSTANCE,
    }
  }
  if (e.CONTROLLER_RUNTIME === 'pods') return podsSettings(e)
  if (!e.CONTROLLER_ALLOW_PROCESS_RUNTIME) {
    throw new StartupError(
      'setting CONTROLLER_ALLOW_PROCESS_RUNTIME: must be true for the process runtime, which isolates engines from nothing',
    )
  }
  if (e.CONTROLLER_ENGINE_DIR === undefined) {
    throw new StartupError('setting CONTROLLER_ENGINE_DIR: is needed by the process runtime')
  }
  return { kind: 'process' as const, dir: e.CONTROLLER_ENGINE_DIR, engineLogLevel: e.CONTROLLER_ENGINE_LOG_LEVEL }
}

function podsSettings(e: z.infer<typeof Settings>) {
  const namespaces = e.CONTROLLER_NAMESPACES
  const pullNamespace = e.CONTROLLER_PULL_NAMESPACE ?? namespaces?.[0] ?? e.CONTROLLER_LEASE_NAMESPACE
  if (namespaces && !namespaces.includes(pullNamespace)) {
    throw new StartupError('setting CONTROLLER_PULL_NAMESPACE: must be one of CONTROLLER_NAMESPACES')
  }
  return {
    kind: 'pods' as const,
    namespaces,
    pullNamespace,
    podOptions: {
      imagePullPolicy: e.CONTROLLER_IMAGE_PULL_POLICY,
      allowedKeys: e.CONTROLLER_POD_METADATA ?? [],
      allowedPriorities: e.CONTROLLER_PRIORITY_CLASSES,
      resources: { requests: e.CONTROLLER_ENGINE_REQUESTS, limits: e.CONTROLLER_ENGINE_LIMITS },
    },
    startTimeoutMs: e.CONTROLLER_ENGINE_START_TIMEOUT,
  }
}
