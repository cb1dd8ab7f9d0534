import { z } from 'zod'
import { audience, duration, type Environment, listenAddress, readSettings, toggle } from '../platform/settings.ts'
import { metricsExporter, tracesExporter } from '../platform/telemetry/index.ts'
import { parseNetworks } from './public/index.ts'

const text = z.string({ error: ({ input }) => (input === undefined ? 'is needed' : undefined) })
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean),
)

const Settings = z
  .object({
    GATEWAY_PUBLIC_HTTP_ADDR: listenAddress.prefault(':8070'),
    GATEWAY_AUTH_ADDR: listenAddress.prefault(':8071'),
    GATEWAY_ADMIN_HTTP_ADDR: listenAddress.optional(),
    GATEWAY_TLS_CERT_FILE: text.optional(),
    GATEWAY_TLS_KEY_FILE: text.optional(),
    GATEWAY_REPLAY_STORE: z.enum(['redis', 'memory'], { error: 'must be redis or memory' }).prefault('redis'),
    GATEWAY_ALLOW_MEMORY_REPLAY: toggle.prefault('false'),
    GATEWAY_REDIS_URL: url('redis:', 'rediss:').optional(),
    GATEWAY_BACKEND_HTTP_URL: url('http:', 'https:'),
    GATEWAY_BACKEND_PUSH_URL: url('http:', 'https:'),
    GATEWAY_BACKEND_SERVICE_TOKEN: text.optional(),
    GATEWAY_BACKEND_SERVICE_TOKEN_FILE: text.optional(),
    GATEWAY_BACKEND_TIMEOUT: duration({ min: '100ms', max: '1m' }).prefault('10s'),
    GATEWAY_RESPONSE_SIGNER_KEY_FILE: text,
    GATEWAY_RESPONSE_SIGNER_NEXT_KEY_FILE: text.optional(),
    GATEWAY_RESPONSE_SIGNER_RETIRED_KEY_FILES: list.prefault(''),
    GATEWAY_AUDIENCE: audience,
    GATEWAY_FRESHNESS_WINDOW: duration({ min: '10s', max: '300s' }).prefault('60s'),
    GATEWAY_TRUSTED_PROXIES: list.transform(networks).prefault(''),
    GATEWAY_CORS_ALLOWED_ORIGINS: list
      .refine((origins) => origins.every(isOrigin), 'must be origins such as https://play.example.org, or *')
      .prefault(''),
    GATEWAY_SHUTDOWN_TIMEOUT: duration({ min: '1s', max: '10m' }).prefault('30s'),
    GATEWAY_OTEL_TRACES_EXPORTER: tracesExporter,
    GATEWAY_OTEL_METRICS_EXPORTER: metricsExporter,
    GATEWAY_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).prefault('info'),
  })
  .refine((e) => !e.GATEWAY_TLS_CERT_FILE || e.GATEWAY_TLS_KEY_FILE, {
    ...about('GATEWAY_TLS_KEY_FILE'),
    error: 'is needed with GATEWAY_TLS_CERT_FILE',
  })
  .refine((e) => !e.GATEWAY_TLS_KEY_FILE || e.GATEWAY_TLS_CERT_FILE, {
    ...about('GATEWAY_TLS_CERT_FILE'),
    error: 'is needed with GATEWAY_TLS_KEY_FILE',
  })
  .refine((e) => e.GATEWAY_REPLAY_STORE !== 'redis' || e.GATEWAY_REDIS_URL, {
    ...about('GATEWAY_REDIS_URL'),
    error: 'is needed, unless GATEWAY_REPLAY_STORE is memory',
  })
  .refine((e) => e.GATEWAY_REPLAY_STORE !== 'memory' || e.GATEWAY_ALLOW_MEMORY_REPLAY, {
    ...about('GATEWAY_ALLOW_MEMORY_REPLAY'),
    error: 'must be true for GATEWAY_REPLAY_STORE=memory, which is safe with one edge process only',
  })
  .refine((e) => e.GATEWAY_BACKEND_SERVICE_TOKEN_FILE || e.GATEWAY_BACKEND_SERVICE_TOKEN, {
    ...about('GATEWAY_BACKEND_SERVICE_TOKEN_FILE'),
    error: 'is needed, or GATEWAY_BACKEND_SERVICE_TOKEN',
  })
  .refine((e) => !e.GATEWAY_BACKEND_SERVICE_TOKEN_FILE || !e.GATEWAY_BACKEND_SERVICE_TOKEN, {
    ...about('GATEWAY_BACKEND_SERVICE_TOKEN'),
    error: 'must not be set beside GATEWAY_BACKEND_SERVICE_TOKEN_FILE',
  })

export type EdgeSettings = ReturnType<typeof readEdgeSettings>

/**
 * The settings of `galaxy edge`.
 * @throws StartupError with one line for each wrong setting
 */
export function readEdgeSettings(environment: Environment) {
  const e = readSettings(Settings, environment, { prefix: 'GATEWAY_' })
  return {
    publicHttp: e.GATEWAY_PUBLIC_HTTP_ADDR,
    auth: e.GATEWAY_AUTH_ADDR,
    /** It has nothing but the metrics. */
    admin: e.GATEWAY_OTEL_METRICS_EXPORTER === 'none' ? undefined : e.GATEWAY_ADMIN_HTTP_ADDR,
    metricsExporter: e.GATEWAY_OTEL_METRICS_EXPORTER,
    traces: e.GATEWAY_OTEL_TRACES_EXPORTER,
    tls: { certFile: e.GATEWAY_TLS_CERT_FILE, keyFile: e.GATEWAY_TLS_KEY_FILE },
    /** Undefined: in memory. */
    redisUrl: e.GATEWAY_REPLAY_STORE === 'redis' ? e.GATEWAY_REDIS_URL : undefined,
    backend: {
      httpUrl: e.GATEWAY_BACKEND_HTTP_URL,
      pushUrl: e.GATEWAY_BACKEND_PUSH_URL,
      serviceToken: e.GATEWAY_BACKEND_SERVICE_TOKEN,
      serviceTokenFile: e.GATEWAY_BACKEND_SERVICE_TOKEN_FILE,
      timeoutMs: e.GATEWAY_BACKEND_TIMEOUT,
    },
    signer: {
      keyFile: e.GATEWAY_RESPONSE_SIGNER_KEY_FILE,
      nextKeyFile: e.GATEWAY_RESPONSE_SIGNER_NEXT_KEY_FILE,
      retiredKeyFiles: e.GATEWAY_RESPONSE_SIGNER_RETIRED_KEY_FILES,
    },
    audience: e.GATEWAY_AUDIENCE,
    freshnessWindowMs: e.GATEWAY_FRESHNESS_WINDOW,
    trustedProxies: e.GATEWAY_TRUSTED_PROXIES,
    corsOrigins: e.GATEWAY_CORS_ALLOWED_ORIGINS,
    shutdownTimeoutMs: e.GATEWAY_SHUTDOWN_TIMEOUT,
    logLevel: e.GATEWAY_LOG_LEVEL,
  }
}

/** A rule between settings: judged whatever else is wrong, so that all problems are told at once. */
function about(name: string) {
  return {
    path: [name],
    when: ({ issues }: { issues: readonly { path?: PropertyKey[] | undefined }[] }) =>
      !issues.some(({ path }) => path?.[0] === name),
  }
}

/** It may carry a password, so it is never repeated in a message. */
function url(...protocols: readonly string[]) {
  const said = protocols.map((protocol) => `${protocol}//`).join(' or ')
  return text.refine((value) => protocols.includes(URL.parse(value)?.protocol ?? ''), `must be an address with ${said}`)
}

function networks(given: readonly string[], context: z.RefinementCtx) {
  const parsed = parseNetworks(given)
  if (parsed) return parsed
  context.addIssue('must be networks or addresses such as 10.0.0.0/8, 192.0.2.7 or fd00::/8')
  return z.NEVER
}

/** As browsers write it: no path, no port that is the protocol's own, lower case. */
function isOrigin(value: string): boolean {
  return value === '*' || (/^https?:/.test(value) && URL.parse(value)?.origin === value)
}
