import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createHttpApp, listen } from '../http.ts'
import { recordSpans } from './fixtures.ts'
import { scopes, traceFieldsFromContext } from './index.ts'

const parent = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const traceparent = `00-${parent.traceId}-${parent.spanId}-01`

function anApp({ continues = true } = {}) {
  const { tracer, spans } = recordSpans()
  const lines: Record<string, unknown>[] = []
  const write = (line: string) => void lines.push(JSON.parse(line))
  const app = createHttpApp({
    log: pino({ level: 'warn', mixin: traceFieldsFromContext }, { write }),
    tracing: { tracer, continues },
  })
  app.get('/games/:id', async () => ({ span: scopes.getStore()?.ids.spanId }))
  app.post('/orders', async () => ({ span: scopes.getStore()?.ids.spanId }))
  app.get('/broken', async () => Promise.reject(new Error('a bug')))
  app.get('/healthz', async () => ({ span: scopes.getStore()?.ids.spanId }))
  return { app, spans, lines }
}

describe('a request', () => {
  it('is a span named after its route, without what stands in the path and the query', async () => {
    const { app, spans } = anApp()
    await app.inject('/games/andromeda?token=s3cret')
    expect(spans).toMatchObject([
      { name: 'GET /games/:id', attributes: { 'http.route': '/games/:id', 'http.response.status_code': 200 } },
    ])
    expect(JSON.stringify(spans)).not.toMatch(/andromeda|s3cret/)
  })

  it('goes on with the trace of a caller that is ours', async () => {
    const { app, spans } = anApp()
    await app.inject({ url: '/games/1', headers: { traceparent } })
    expect(spans).toMatchObject([{ traceId: parent.traceId, parentSpanId: parent.spanId }])
  })

  it('of a stranger is a trace of its own', async () => {
    const { app, spans } = anApp({ continues: false })
    await app.inject({ url: '/games/1', headers: { traceparent } })
    expect(spans).toMatchObject([{ parentSpanId: undefined }])
    expect(spans[0]?.traceId).not.toBe(parent.traceId)
  })

  it('is worked on within its span, also when a body had to be awaited over a connection', async () => {
    const { app, spans } = anApp()
    await using listener = await listen(app, { host: '127.0.0.1', port: 0 }, 'test')
    const answers = await Promise.all(
      [1, 2, 3].map(async () => {
        const body = JSON.stringify({ orders: 'x'.repeat(200_000) })
        const headers = { 'content-type': 'application/json' }
        const answer = await fetch(`${listener.url}/orders`, { method: 'POST', headers, body })
        return z.object({ span: z.string() }).parse(await answer.json())
      }),
    )
    expect(new Set(answers.map(({ span }) => span))).toEqual(new Set(spans.map(({ spanId }) => spanId)))
    expect(spans).toHaveLength(3)
  })

  it('to nowhere is named after its method only', async () => {
    const { app, spans } = anApp()
    await app.inject('/ada@example.org')
    expect(spans).toMatchObject([{ name: 'GET', failed: false, attributes: { 'http.response.status_code': 404 } }])
    expect(JSON.stringify(spans)).not.toContain('ada@')
  })

  it('that fails here is a failed span, and its line in the log names it', async () => {
    const { app, spans, lines } = anApp()
    await app.inject('/broken')
    expect(spans).toMatchObject([{ failed: true, attributes: { 'http.response.status_code': 500 } }])
    expect(lines).toMatchObject([{ otel_trace_id: spans[0]?.traceId, otel_span_id: spans[0]?.spanId }])
  })

  it('of a probe is none', async () => {
    const { app, spans } = anApp()
    expect((await app.inject('/healthz')).json()).toEqual({})
    expect(spans).toEqual([])
  })
})
