import type { ChildProcess } from 'node:child_process'
import { ConnectError, createClient } from '@connectrpc/connect'
import { createGrpcTransport } from '@connectrpc/connect-node'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { freeAddress } from '../../test/support/free-address.ts'
import { startGalaxyProcess, urlOf } from '../../test/support/galaxy-process.ts'
import { startRedis } from '../../test/support/redis.ts'
import { EdgeGateway } from '../gen/galaxy/gateway/v1/gateway_pb.ts'
import { ErrorInfoSchema } from '../gen/google/rpc/error_details_pb.ts'
import type { Environment } from '../platform/settings.ts'
import { aBackend, aFolder, start } from './fixtures.ts'

describe('an edge with Redis', () => {
  it('is ready while Redis answers, and recovers with it (abuse 26)', async () => {
    await using redis = await startRedis()
    await using backend = await aBackend()
    await using folder = await aFolder(backend.environment)
    const { GATEWAY_ALLOW_MEMORY_REPLAY: _no, ...environment } = folder.environment
    await using edge = await start({ ...environment, GATEWAY_REPLAY_STORE: 'redis', GATEWAY_REDIS_URL: redis.url })
    const status = async (path: string) => (await fetch(edge.publicUrl + path)).status
    await expect.poll(() => status('/readyz'), { timeout: 20_000 }).toBe(200)
    await redis.kill()
    await expect.poll(() => status('/readyz'), { timeout: 20_000 }).toBe(503)
    expect(await status('/healthz')).toBe(200)
    await redis.start()
    await expect.poll(() => status('/readyz'), { timeout: 20_000 }).toBe(200)
  })

  it('is not ready while Redis refuses everything, tells why once, and is ready again without a call (abuse 102)', async () => {
    await using redis = await startRedis()
    await using backend = await aBackend()
    await using folder = await aFolder(backend.environment)
    const lines: string[] = []
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
    const settings = { GATEWAY_REPLAY_STORE: 'redis', GATEWAY_REDIS_URL: redis.url }
    await using edge = await start({ ...folder.environment, ...settings, GATEWAY_ADMIN_HTTP_ADDR: '127.0.0.1:0' }, log)
    const readyz = async () => (await fetch(`${edge.publicUrl}/readyz`)).status
    await expect.poll(readyz).toBe(200)
    await redis.command('CONFIG', 'SET', 'maxmemory', '1')
    const client = createClient(EdgeGateway, createGrpcTransport({ baseUrl: edge.authUrl }))
    const request = backend.signed('ExecuteCommand', 'user.account.get')
    await expect(client.executeCommand(request)).rejects.toThrow(/\[unavailable\]/)
    expect(await readyz()).toBe(503)
    const metrics = await (await fetch(`${edge.adminUrl}/metrics`)).text()
    expect(metrics).toContain('gateway_replay_store_up 0')
    expect(metrics).toContain('gateway_replay_store_refusals_total{reason="OOM"} 1')
    await redis.command('CONFIG', 'SET', 'maxmemory', '0')
    await expect.poll(readyz).toBe(200)
    expect((await client.executeCommand(request)).resultCode).toBe('ok')
    const said = () => lines.filter((line) => line.includes('reservations'))
    await expect.poll(said).toEqual([expect.stringContaining('OOM'), expect.stringContaining('again')])
  })

  it('without CPU refuses no call in the name of Redis, and what it refuses executes when it is sent again (abuse 101)', async () => {
    await using redis = await startRedis()
    await using backend = await aBackend()
    await using folder = await aFolder(backend.environment)
    const address = await freeAddress()
    const { host, port } = address
    await using edge = startGalaxyProcess('edge', {
      ...textsOf(folder.environment),
      GATEWAY_REPLAY_STORE: 'redis',
      GATEWAY_REDIS_URL: redis.url,
      GATEWAY_AUTH_ADDR: `${host}:${port}`,
    })
    await eventually(() => edge.output().includes('the gateway listens'), 60_000, edge.output)
    const client = createClient(EdgeGateway, createGrpcTransport({ baseUrl: urlOf(address) }))
    const call = async (request: ReturnType<typeof backend.signed>) => {
      const failed = (error: unknown) =>
        ConnectError.from(error).findDetails(ErrorInfoSchema)[0]?.reason ?? String(error)
      return { request, outcome: await client.executeCommand(request).then(({ resultCode }) => resultCode, failed) }
    }
    const requests = Array.from({ length: 200 }, () => backend.signed('ExecuteCommand', 'user.account.get'))
    const starved = starve(edge.child, 0.2)
    const answers = await Promise.all(requests.map(call)).finally(starved)
    expect(answers.map(({ outcome }) => outcome)).not.toContain('replay_store_unavailable')
    const refused = answers.filter(({ outcome }) => outcome !== 'ok')
    const again = await Promise.all(refused.map(({ request }) => call(request)))
    expect(again.filter(({ outcome }) => outcome !== 'ok')).toEqual([])
    expect(backend.state.asked).toHaveLength(200)
  }, 240_000)
})

/** Lets the process run for a part of the time only, as a CPU limit does, for five seconds; returns what ends that. */
function starve(child: ChildProcess, share: number): () => void {
  const periodMs = 100
  const resume = () => child.kill('SIGCONT')
  const timer = setInterval(() => {
    resume()
    setTimeout(() => child.kill('SIGSTOP'), periodMs * share)
  }, periodMs)
  const end = () => {
    clearInterval(timer)
    setTimeout(resume, periodMs)
  }
  setTimeout(end, 5000)
  return end
}

function textsOf(environment: Environment): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value ?? '']))
}
