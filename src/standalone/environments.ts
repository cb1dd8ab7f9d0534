import { createHash } from 'node:crypto'
import type { Environment, ListenAddress } from '../platform/settings.ts'
import type { Layout } from './layout.ts'

/** Nobody collects telemetry on one machine; who does, says so in the environment. Metrics can be looked at all the same. */
const nobody = 'none'
const fetched = 'prometheus'

/*
 * The settings of each process on a data directory: of the one inside `galaxy up`, or of one started by hand beside it.
 */

export function controllerEnvironment(
  layout: Layout,
  { http, metrics }: { http: ListenAddress; metrics: ListenAddress },
  {
    CONTROLLER_OTEL_TRACES_EXPORTER = nobody,
    CONTROLLER_OTEL_METRICS_EXPORTER = fetched,
    CONTROLLER_DOCKER_INSTANCE = instanceOf(layout),
  }: Environment = {},
): Record<string, string> {
  return {
    CONTROLLER_HTTP_ADDR: addressText(http),
    CONTROLLER_METRICS_ADDR: addressText(metrics),
    CONTROLLER_KUBECONFIG: layout.controllerKubeconfig,
    CONTROLLER_SERVICE_TOKEN_FILE: layout.serviceToken,
    CONTROLLER_RUNTIME: 'process',
    CONTROLLER_ALLOW_PROCESS_RUNTIME: 'true',
    CONTROLLER_ENGINE_DIR: layout.engines,
    CONTROLLER_OTEL_TRACES_EXPORTER,
    CONTROLLER_OTEL_METRICS_EXPORTER,
    CONTROLLER_DOCKER_INSTANCE,
  }
}

/**
 * By its path: a data directory that is deleted and made again finds what the one before has left in Docker, and no two
 * on a machine take each other's.
 */
function instanceOf({ root }: Layout): string {
  return `up-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`
}

type ApiAddresses = {
  http: ListenAddress
  push: ListenAddress
  metrics: ListenAddress
  database: string
  smtp: string
  /** Absent while nobody knows where the controller is: hibernated games are not woken then. */
  controller?: string | undefined
}

/** Another SMTP relay than the mailbox may be given. */
export function apiEnvironment(
  layout: Layout,
  { http, push, metrics, database, smtp, controller }: ApiAddresses,
  {
    BACKEND_SMTP_URL = smtp,
    BACKEND_CONTROLLER_URL = controller,
    BACKEND_OTEL_TRACES_EXPORTER = nobody,
    BACKEND_OTEL_METRICS_EXPORTER = fetched,
  }: Environment,
): Record<string, string> {
  return {
    BACKEND_HTTP_ADDR: addressText(http),
    BACKEND_PUSH_ADDR: addressText(push),
    BACKEND_METRICS_ADDR: addressText(metrics),
    BACKEND_DATABASE_URL: database,
    BACKEND_KUBECONFIG: layout.apiKubeconfig,
    BACKEND_SERVICE_TOKEN_FILE: layout.serviceToken,
    BACKEND_CODE_PEPPER_FILE: layout.codePepper,
    BACKEND_SMTP_URL,
    ...(BACKEND_CONTROLLER_URL ? { BACKEND_CONTROLLER_URL } : {}),
    BACKEND_OTEL_TRACES_EXPORTER,
    BACKEND_OTEL_METRICS_EXPORTER,
  }
}

type EdgeAddresses = {
  publicHttp: ListenAddress
  auth: ListenAddress
  admin: ListenAddress
  api: string
  push: string
}

/**
 * Replay reservations in memory are legal here: the data directory's lock lets one edge run. A Redis, and the pages that
 * may call from a browser, may be given.
 */
export function edgeEnvironment(
  layout: Layout,
  { publicHttp, auth, admin, api, push }: EdgeAddresses,
  {
    GATEWAY_REDIS_URL,
    GATEWAY_CORS_ALLOWED_ORIGINS,
    GATEWAY_OTEL_TRACES_EXPORTER = nobody,
    GATEWAY_OTEL_METRICS_EXPORTER = fetched,
  }: Environment,
): Record<string, string> {
  const replay: Record<string, string> = GATEWAY_REDIS_URL
    ? { GATEWAY_REDIS_URL }
    : { GATEWAY_REPLAY_STORE: 'memory', GATEWAY_ALLOW_MEMORY_REPLAY: 'true' }
  return {
    GATEWAY_PUBLIC_HTTP_ADDR: addressText(publicHttp),
    GATEWAY_AUTH_ADDR: addressText(auth),
    GATEWAY_ADMIN_HTTP_ADDR: addressText(admin),
    GATEWAY_BACKEND_HTTP_URL: api,
    GATEWAY_BACKEND_PUSH_URL: push,
    GATEWAY_BACKEND_SERVICE_TOKEN_FILE: layout.serviceToken,
    GATEWAY_RESPONSE_SIGNER_KEY_FILE: layout.responseSigner,
    GATEWAY_OTEL_TRACES_EXPORTER,
    GATEWAY_OTEL_METRICS_EXPORTER,
    GATEWAY_CORS_ALLOWED_ORIGINS:
      GATEWAY_CORS_ALLOWED_ORIGINS ?? `http://127.0.0.1:${publicHttp.port},http://localhost:${publicHttp.port}`,
    ...replay,
  }
}

function addressText({ host, port }: ListenAddress): string {
  return `${host}:${port}`
}
