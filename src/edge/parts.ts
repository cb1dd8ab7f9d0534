import { Agent } from 'undici'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { Metrics } from '../platform/metrics.ts'
import { readSecretFile } from '../platform/secret-file.ts'
import { briefly, type StopSequence } from '../platform/stop-sequence.ts'
import type { Tracer } from '../platform/telemetry/index.ts'
import { type BackendClient, createBackendClient } from './backend/index.ts'
import {
  connectReplayStore,
  createMemoryReplayStore,
  createOverload,
  type Overload,
  replayMetrics,
  type ReplayStore,
} from './envelope/index.ts'
import { createHub, createPushClient, type Hub, type PushClient } from './push/index.ts'
import type { EdgeSettings } from './settings.ts'
import { loadSigner, type Signer } from './signer/index.ts'

/** What every part is given. */
export type Base = {
  settings: EdgeSettings
  log: Log
  clock: Clock
  metrics: Metrics
  tracer: Tracer
  stop: StopSequence
}

/** What stands behind the listeners. */
export type Parts = {
  signer: Signer
  replay: ReplayStore
  overload: Overload
  backend: BackendClient
  hub: Hub
  push: PushClient
}

/** Once no request is left, nothing of this needs the others, and each may be waiting for a peer that is gone. */
const atOnce = { ...briefly, alongside: true }

/** @throws StartupError naming the setting that is wrong */
export async function startParts({ settings, log, clock, metrics, stop }: Omit<Base, 'tracer'>): Promise<Parts> {
  const signer = await loadSigner(settings.signer)
  const serviceToken = await serviceTokenOf(settings.backend)
  const replay = await openReplayStore({ settings, log, clock, metrics })
  stop.add('replay store', () => replay[Symbol.asyncDispose](), atOnce)
  const overload = createOverload({ metrics })
  stop.add('overload measurement', async () => overload[Symbol.dispose](), atOnce)
  const dispatcher = new Agent({ keepAliveTimeout: 10_000, connectTimeout: 5_000, connections: 256 })
  stop.add('connections to the backend', () => dispatcher.destroy(), atOnce)
  const { httpUrl, pushUrl, timeoutMs } = settings.backend
  const backend = createBackendClient({ baseUrl: httpUrl, serviceToken, dispatcher, timeoutMs, log })
  const sessionStatus = async (id: string) =>
    (await backend.session(id, AbortSignal.timeout(timeoutMs)))?.status ?? 'unknown'
  const hub = createHub({ signer, clock, log, metrics, sessionStatus })
  const push = createPushClient({ url: pushUrl, serviceToken, hub, clock, log, metrics })
  stop.add('push client', () => push[Symbol.asyncDispose](), atOnce)
  push.start()
  return { signer, replay, overload, backend, hub, push }
}

async function openReplayStore({
  settings,
  log,
  clock,
  metrics,
}: Pick<Base, 'settings' | 'log' | 'clock' | 'metrics'>): Promise<ReplayStore> {
  const url = settings.redisUrl
  if (url !== undefined) return connectReplayStore({ url, log, clock, metrics })
  // The same metrics as with Redis, so that alerts and dashboards find them: memory is always there.
  replayMetrics(metrics).up.set(1)
  return createMemoryReplayStore({ clock })
}

async function serviceTokenOf({ serviceToken, serviceTokenFile }: EdgeSettings['backend']): Promise<string> {
  if (serviceTokenFile === undefined) return serviceToken ?? ''
  return readSecretFile(serviceTokenFile, 'GATEWAY_BACKEND_SERVICE_TOKEN_FILE')
}
