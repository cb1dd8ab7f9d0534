import { createClient } from '@connectrpc/connect'
import { createConnectTransport } from '@connectrpc/connect-node'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EdgeGateway } from '../gen/galaxy/gateway/v1/gateway_pb.ts'
import { startCollector, treeBelow } from '../platform/telemetry/fixtures.ts'
import { aBackend, aFolder, start } from './fixtures.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

const traceId = '0af7651916cd43dd8448eb211c80319c'

/** Runs the edge, and returns what its collector was told. */
async function traced(use: (edge: Awaited<ReturnType<typeof start>>, backend: Backend) => Promise<void>) {
  await using collector = await startCollector()
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json')
  await using backend = await aBackend()
  await using folder = await aFolder(backend.environment)
  const more = { GATEWAY_OTEL_TRACES_EXPORTER: 'otlp', GATEWAY_ADMIN_HTTP_ADDR: '127.0.0.1:0' }
  const edge = await start({ ...folder.environment, ...more })
  await use(edge, backend)
  await edge[Symbol.asyncDispose]()
  return collector.spans()
}
type Backend = Awaited<ReturnType<typeof aBackend>>
const clientOf = ({ authUrl }: { authUrl: string }) =>
  createClient(EdgeGateway, createConnectTransport({ baseUrl: authUrl, httpVersion: '1.1' }))

describe('a command', () => {
  it('is a span in the trace that its client names, and the backend goes on from it', async () => {
    const parents: unknown[] = []
    const spans = await traced(async (edge, backend) => {
      await clientOf(edge).executeCommand({ ...backend.signed('ExecuteCommand', 'user.account.get'), traceId })
      parents.push(...backend.state.traceparents)
    })
    const [root] = spans.filter(({ name }) => name === 'ExecuteCommand')
    expect(root).toMatchObject({
      service: 'galaxy-edge',
      traceId,
      attributes: { 'galaxy.message_type': 'user.account.get' },
    })
    const calls = spans.filter(({ name }) => name === 'backend GET')
    expect(calls.map(({ parentSpanId }) => parentSpanId)).toEqual([root?.spanId, root?.spanId])
    expect(parents).toEqual(calls.map(({ spanId }) => `00-${traceId}-${spanId}-01`))
  })

  it('without a trace begins one, also for the backend', async () => {
    const parents: unknown[] = []
    const spans = await traced(async (edge, backend) => {
      await clientOf(edge).executeCommand(backend.signed('ExecuteCommand', 'user.account.get'))
      parents.push(...backend.state.traceparents)
    })
    const begun = spans.find(({ name }) => name === 'ExecuteCommand')?.traceId
    expect(parents).toEqual([1, 2].map(() => expect.stringMatching(`^00-${begun}-`)))
  })

  it('that is refused tells why, not whose it was, and what a client makes up is not repeated (abuse 47)', async () => {
    let session = ''
    const spans = await traced(async (edge, backend) => {
      const request = backend.signed('ExecuteCommand', 'ada.lovelace')
      session = request.deviceSessionId
      await expect(clientOf(edge).executeCommand({ ...request, traceId: 'no trace id' })).rejects.toThrow('trace_id')
      await expect(clientOf(edge).executeCommand(request)).rejects.toThrow('unimplemented')
    })
    expect(spans.filter(({ name }) => name === 'ExecuteCommand').map(({ attributes }) => attributes)).toMatchObject([
      { 'galaxy.message_type': 'other', 'galaxy.refusal': 'invalid_envelope' },
      { 'galaxy.message_type': 'other', 'galaxy.refusal': 'unknown_message_type' },
    ])
    expect(session).not.toBe('')
    for (const secret of [session, 'ada.lovelace', 'no trace id']) expect(JSON.stringify(spans)).not.toContain(secret)
  })
})

describe('the other listeners', () => {
  it('report, too, and a stranger’s trace is not gone on with (G16)', async () => {
    const spans = await traced(async (edge) => {
      const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` }
      await fetch(`${edge.publicUrl}/api/v1/public/keys`, { headers })
      await fetch(`${edge.adminUrl}/metrics`, { headers })
    })
    const [asked] = spans.filter(({ name }) => name.startsWith('GET /api/v1/public/'))
    expect(asked?.traceId).not.toBe(traceId)
    expect(Object.keys(treeBelow(spans, 'b7ad6b7169203331'))).toEqual(['GET /metrics'])
  })
})
