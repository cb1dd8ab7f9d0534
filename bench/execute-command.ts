import { generateKeyPairSync, hash, type KeyObject, randomBytes, sign } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create, toBinary } from '@bufbuild/protobuf'
import { Agent } from 'undici'
import { ExecuteCommandRequestSchema } from '../src/gen/galaxy/gateway/v1/gateway_pb.ts'
import { requestSigningInput } from '../src/signing/index.ts'
import { startRedis } from '../test/support/redis.ts'
import { startServer } from './child.ts'
import { median, percentile, report } from './figures.ts'

const procedure = '/galaxy.gateway.v1.EdgeGateway/ExecuteCommand'
const concurrency = 32
const commands = 6000
const rounds = 3
const sessionId = '22222222-2222-4222-8222-222222222222'
const payload = new TextEncoder().encode('{}')

/** Signed commands per second of the edge on one core, beside a program that does the same parts by hand. */
export async function benchExecuteCommand(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-bench-edge-'))
  const device = generateKeyPairSync('ed25519')
  const signer = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const publicKey = device.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')
  try {
    await using redis = await startRedis()
    await using backend = await startServer('backend', [publicKey])
    await using bare = await startServer('bare-edge', [backend.url, redis.url, publicKey, signer], { core: 0 })
    const environment = await edgeEnvironment(dir, { backend: backend.url, redis: redis.url, signer })
    await using ours = await startServer('edge', [], { core: 0, environment })
    await compare(device.privateKey, { bare: bare.url, ours: ours.url })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

type Parts = { backend: string; redis: string; signer: string }

async function edgeEnvironment(dir: string, { backend, redis, signer }: Parts): Promise<Record<string, string>> {
  const keyFile = join(dir, 'signer.pem')
  await writeFile(keyFile, signer, { mode: 0o600 })
  return {
    GATEWAY_PUBLIC_HTTP_ADDR: '127.0.0.1:0',
    GATEWAY_AUTH_ADDR: '127.0.0.1:0',
    GATEWAY_REDIS_URL: redis,
    GATEWAY_BACKEND_HTTP_URL: backend,
    // Nobody is there: what is measured has no part in push.
    GATEWAY_BACKEND_PUSH_URL: 'http://127.0.0.1:1',
    GATEWAY_BACKEND_SERVICE_TOKEN: 'bench',
    GATEWAY_RESPONSE_SIGNER_KEY_FILE: keyFile,
    GATEWAY_OTEL_TRACES_EXPORTER: 'none',
    GATEWAY_OTEL_METRICS_EXPORTER: 'prometheus',
  }
}

async function compare(key: KeyObject, urls: { bare: string; ours: string }): Promise<void> {
  const rates = { bare: [] as number[], ours: [] as number[] }
  const latencies: number[] = []
  for (const url of [urls.bare, urls.ours]) await run(url, signedCommands(key, 2000))
  for (let round = 0; round < rounds; round += 1) {
    rates.bare.push((await run(urls.bare, signedCommands(key, commands))).perSecond)
    const ours = await run(urls.ours, signedCommands(key, commands))
    rates.ours.push(ours.perSecond)
    latencies.push(...ours.latenciesMs)
  }
  const ratio = median(rates.bare) / median(rates.ours)
  console.log(
    `execute command, ${commands} signed commands at ${concurrency} concurrent, one core, median of ${rounds}`,
  )
  report('by hand, commands per second', median(rates.bare).toFixed(0))
  report('the edge, commands per second', median(rates.ours).toFixed(0))
  report('the edge, latency p50', `${median(latencies).toFixed(1)} ms`)
  report('the edge, latency p99', `${percentile(latencies, 0.99).toFixed(1)} ms`)
  report('ratio (by hand / the edge)', ratio.toFixed(2), { text: '<= 1.5', met: ratio <= 1.5 })
}

/** Signed ahead, so that the signing does not take time from what is measured. */
function signedCommands(key: KeyObject, count: number): Uint8Array[] {
  const payloadHash = new Uint8Array(hash('sha256', payload, 'buffer'))
  return Array.from({ length: count }, () => {
    const fields = {
      protocolVersion: 'v1',
      deviceSessionId: sessionId,
      messageType: 'user.account.get',
      timestampMs: BigInt(Date.now()),
      requestId: randomBytes(12).toString('hex'),
    }
    const input = requestSigningInput({ audience: 'galaxy', procedure, ...fields, payloadHash })
    const signature = new Uint8Array(sign(null, input, key))
    const message = create(ExecuteCommandRequestSchema, { ...fields, payloadBytes: payload, payloadHash, signature })
    return toBinary(ExecuteCommandRequestSchema, message)
  })
}

async function run(origin: string, bodies: readonly Uint8Array[]) {
  const dispatcher = new Agent({ connections: concurrency })
  const latenciesMs: number[] = []
  let next = 0
  const startedAt = performance.now()
  async function work() {
    for (let body = bodies[next++]; body; body = bodies[next++]) {
      const sentAt = performance.now()
      const headers = { 'content-type': 'application/proto', 'connect-protocol-version': '1' }
      const answer = await dispatcher.request({ origin, path: procedure, method: 'POST', headers, body })
      const text = await answer.body.text()
      if (answer.statusCode !== 200) throw new Error(`${origin} answered ${answer.statusCode}: ${text}`)
      latenciesMs.push(performance.now() - sentAt)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  const perSecond = bodies.length / ((performance.now() - startedAt) / 1000)
  await dispatcher.close()
  return { perSecond, latenciesMs }
}
