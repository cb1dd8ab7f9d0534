import { z } from 'zod'
import {
  audience,
  duration,
  type Environment,
  listenAddress,
  readSettings,
  toggle,
  wholeNumber,
} from '../platform/settings.ts'
import { metricsExporter, tracesExporter } from '../platform/telemetry/index.ts'

/** The values may hold passwords, so what is said of a wrong one does not repeat it. */
const url = (schemes: readonly string[], example: string) =>
  z
    .string(`is needed, an address such as ${example}`)
    .refine(
      (text) => schemes.includes(URL.parse(text)?.protocol.slice(0, -1) ?? ''),
      `must be an address such as ${example}`,
    )

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

const Settings = z
  .object({
    BACKEND_HTTP_ADDR: listenAddress.prefault(':8080'),
    BACKEND_PUSH_ADDR: listenAddress.prefault(':8081'),
    BACKEND_METRICS_ADDR: listenAddress.optional(),
    BACKEND_DATABASE_URL: url(['postgres', 'postgresql'], 'postgres://user:password@host/name'),
    BACKEND_DATABASE_POOL: wholeNumber(2, 1000).prefault('10'),
    BACKEND_SERVICE_TOKEN: z.string().optional(),
    BACKEND_SERVICE_TOKEN_FILE: z.string().optional(),
    BACKEND_KUBECONFIG: z.string().optional(),
    BACKEND_CONTROLLER_URL: url(['http', 'https'], 'http://galaxy-controller:8083').optional(),
    BACKEND_GAME_NAMESPACE: z.string().prefault('default'),
    BACKEND_AUDIENCE: audience,
    BACKEND_SMTP_URL: url(['smtp', 'smtps'], 'smtp://host:25 or smtps://user:password@host'),
    BACKEND_MAIL_FROM: z.string().prefault('Galaxy <no-reply@galaxy.localhost>'),
    BACKEND_MAIL_SIGN_IN_CONNECTIONS: wholeNumber(2, 200).prefault('16'),
    BACKEND_MAIL_GENERAL_CONNECTIONS: wholeNumber(1, 200).prefault('4'),
    BACKEND_MAIL_PER_DOMAIN: wholeNumber(2, 200).prefault('4'),
    BACKEND_MAIL_ATTEMPT_TIMEOUT: duration({ min: '1s', max: '10m' }).prefault('30s'),
    BACKEND_MAIL_GIVE_WAY_AFTER: duration({ min: '100ms', max: '10m' }).prefault('3s'),
    BACKEND_CODE_PEPPER_FILE: z.string('is needed: a file with lines such as key1:BASE64 of 32 random bytes'),
    BACKEND_SHUTDOWN_TIMEOUT: duration({ min: '1s', max: '10m' }).prefault('30s'),
    BACKEND_HTTP_SHUTDOWN_TIMEOUT: duration({ min: '100ms', max: '10m' }).prefault('10s'),
    BACKEND_GRPC_PUSH_SHUTDOWN_TIMEOUT: duration({ min: '100ms', max: '10m' }).prefault('10s'),
    BACKEND_LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).prefault('info'),
    BACKEND_OTEL_TRACES_EXPORTER: tracesExporter,
    BACKEND_OTEL_METRICS_EXPORTER: metricsExporter,
    BACKEND_DOCS: toggle.prefault('true'),
  })
  .refine((e) => (e.BACKEND_SERVICE_TOKEN === undefined) !== (e.BACKEND_SERVICE_TOKEN_FILE === undefined), {
    path: ['BACKEND_SERVICE_TOKEN_FILE'],
    error: 'is needed, or BACKEND_SERVICE_TOKEN, and not both',
    // Told together with whatever else is wrong.
    when: () => true,
  })

export type ApiSettings = ReturnType<typeof readApiSettings>

/**
 * The settings of `galaxy api`.
 * @throws StartupError with one line for each wrong setting
 */
export function readApiSettings(environment: Environment) {
  const e = readSettings(Settings, environment, { prefix: 'BACKEND_' })
  return {
    http: e.BACKEND_HTTP_ADDR,
    push: e.BACKEND_PUSH_ADDR,
    metrics: e.BACKEND_OTEL_METRICS_EXPORTER === 'none' ? undefined : e.BACKEND_METRICS_ADDR,
    metricsExporter: e.BACKEND_OTEL_METRICS_EXPORTER,
    traces: e.BACKEND_OTEL_TRACES_EXPORTER,
    docs: e.BACKEND_DOCS,
    logLevel: e.BACKEND_LOG_LEVEL,
    database: { url: e.BACKEND_DATABASE_URL, poolSize: e.BACKEND_DATABASE_POOL },
    kubeconfig: e.BACKEND_KUBECONFIG,
    controllerUrl: e.BACKEND_CONTROLLER_URL,
    gameNamespace: e.BACKEND_GAME_NAMESPACE,
    audience: e.BACKEND_AUDIENCE,
    mail: {
      smtpUrl: e.BACKEND_SMTP_URL,
      from: e.BACKEND_MAIL_FROM,
      connections: { sign_in: e.BACKEND_MAIL_SIGN_IN_CONNECTIONS, general: e.BACKEND_MAIL_GENERAL_CONNECTIONS },
      perDomain: e.BACKEND_MAIL_PER_DOMAIN,
      attemptMs: e.BACKEND_MAIL_ATTEMPT_TIMEOUT,
      giveWayAfterMs: e.BACKEND_MAIL_GIVE_WAY_AFTER,
    },
    secrets: {
      serviceToken: e.BACKEND_SERVICE_TOKEN,
      serviceTokenFile: e.BACKEND_SERVICE_TOKEN_FILE,
      codePepperFile: e.BACKEND_CODE_PEPPER_FILE,
    },
    shutdown: {
      withinMs: e.BACKEND_SHUTDOWN_TIMEOUT,
      httpMs: e.BACKEND_HTTP_SHUTDOWN_TIMEOUT,
      pushMs: e.BACKEND_GRPC_PUSH_SHUTDOWN_TIMEOUT,
    },
  }
}
