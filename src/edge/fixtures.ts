import { generateKeyPairSync, hash, randomUUID, sign } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create } from '@bufbuild/protobuf'
import { fastify } from 'fastify'
import { PushEventSchema, Push } from '../gen/galaxy/push/v1/push_pb.ts'
import { listenConnect } from '../platform/connect-listener/index.ts'
import { listen } from '../platform/http.ts'
import { type Log, silentLog } from '../platform/log.ts'
import type { Environment } from '../platform/settings.ts'
import { requestSigningInput } from '../signing/index.ts'
import { readEdgeSettings, startEdge } from './index.ts'

const anyPort = { host: '127.0.0.1', port: 0 }
const service = '/galaxy.gateway.v1.EdgeGateway'

type State = { hold?: Promise<void>; asked: string[]; traceparents: unknown[]; pushed: boolean }

/** A backend with one session and one account, whose answers wait for `hold` where there is one. */
export async function aBackend() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const [sessionId, userId, epoch] = [randomUUID(), randomUUID(), randomUUID()]
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const state: State = { asked: [], traceparents: [], pushed: true }
  await using stack = new AsyncDisposableStack()
  const app = fastify()
  app.addHook('onRequest', async ({ headers }) => void state.traceparents.push(headers['traceparent']))
  app.get('/api/v1/internal/sessions/:id', async () => ({
    id: sessionId,
    user_id: userId,
    status: 'active',
    public_key: raw.toString('base64'),
  }))
  app.get('/api/v1/user/account', async ({ headers }) => {
    state.asked.push(String(headers['x-client-ip']))
    await state.hold
    return {
      id: userId,
      user_name: 'Player-1',
      display_name: 'Ada',
      email: 'ada@example.org',
      locale: 'en',
      time_zone: 'UTC',
      created_at: '2026-03-01T12:00:00Z',
    }
  })
  const http = stack.use(await listen(app, anyPort, 'test'))
  const push = stack.use(
    await listenConnect({
      address: anyPort,
      setting: 'test',
      limits: { readMaxBytes: 10_000, writeMaxBytes: 100_000, maxTimeoutMs: 60_000 },
      log: silentLog,
      routes: (router) =>
        router.service(Push, {
          async *subscribePush(_request, { signal }) {
            const kind = { case: 'position', value: { caughtUp: state.pushed } } as const
            yield create(PushEventSchema, { cursor: `${epoch}.1`, kind })
            await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
          },
        }),
    }),
  )
  const held = stack.move()
  let requests = 0
  return {
    state,
    environment: { GATEWAY_BACKEND_HTTP_URL: http.url, GATEWAY_BACKEND_PUSH_URL: push.url },
    /** A request of the session's device. */
    signed: (rpc: 'ExecuteCommand' | 'SubscribeEvents', messageType: string) => {
      requests += 1
      const payloadBytes = Buffer.from('{}')
      const fields = {
        protocolVersion: 'v1',
        deviceSessionId: sessionId,
        messageType,
        timestampMs: BigInt(Date.now()),
        requestId: `request-number-${requests}`,
        payloadHash: hash('sha256', payloadBytes, 'buffer'),
      }
      const input = requestSigningInput({ ...fields, audience: 'galaxy', procedure: `${service}/${rpc}` })
      return { ...fields, payloadBytes, signature: sign(null, input, privateKey) }
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

/** A folder with a good signer's key, and the environment of an edge on free ports. */
export async function aFolder(backend: Environment) {
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-test-edge-'))
  const { privateKey } = generateKeyPairSync('ed25519')
  const keyFile = join(dir, 'signer.pem')
  const write = async (name: string, content: string, mode = 0o600) => {
    await writeFile(join(dir, name), content, { mode })
    return join(dir, name)
  }
  await write('signer.pem', privateKey.export({ format: 'pem', type: 'pkcs8' }).toString())
  const environment: Environment = {
    GATEWAY_PUBLIC_HTTP_ADDR: '127.0.0.1:0',
    GATEWAY_AUTH_ADDR: '127.0.0.1:0',
    GATEWAY_REPLAY_STORE: 'memory',
    GATEWAY_ALLOW_MEMORY_REPLAY: 'true',
    GATEWAY_BACKEND_SERVICE_TOKEN: 'service-token',
    GATEWAY_RESPONSE_SIGNER_KEY_FILE: keyFile,
    GATEWAY_OTEL_TRACES_EXPORTER: 'none',
    GATEWAY_OTEL_METRICS_EXPORTER: 'prometheus',
    ...backend,
  }
  return { environment, write, [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) }
}

export async function start(environment: Environment, log: Log = silentLog) {
  return startEdge({ settings: readEdgeSettings(environment), log, runtimeMetrics: false })
}
