import { trace } from '@opentelemetry/api'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../errors.ts'
import { recordSpans, treeBelow } from './fixtures.ts'
import { inSpan, inTrace, noTracer, scopes, traceFieldsFromContext, traced } from './index.ts'

const nothing = async () => undefined

describe('spans', () => {
  it('nest as the work does, also side by side', async () => {
    const { tracer, spans } = recordSpans()
    await inTrace(tracer, 'root', {}, async () => {
      await Promise.all([inSpan('a', {}, () => inSpan('a1', {}, nothing)), inSpan('b', {}, traced('b1', nothing))])
    })
    expect(treeBelow(spans, undefined)).toEqual({ root: { a: { a1: {} }, b: { b1: {} } } })
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
  })

  it('go on with the trace of another process, or begin one of a given id', async () => {
    const { tracer, spans } = recordSpans()
    const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), sampled: true }
    await inTrace(tracer, 'continued', { parent }, nothing)
    await inTrace(tracer, 'begun', { traceId: 'c'.repeat(32) }, () => inSpan('child', {}, nothing))
    await inTrace(tracer, 'other', {}, nothing)
    expect(spans).toMatchObject([
      { name: 'continued', traceId: parent.traceId, parentSpanId: parent.spanId },
      { name: 'child', traceId: 'c'.repeat(32) },
      { name: 'begun', traceId: 'c'.repeat(32), parentSpanId: undefined },
      { name: 'other', traceId: expect.not.stringMatching(/^(a|c)+$/) },
    ])
  })

  it('tell that the work failed, but not the message: it may repeat an address or a code (abuse 47)', async () => {
    const { tracer, spans } = recordSpans()
    const failing = inTrace(tracer, 'bug', {}, () => Promise.reject(new TypeError('ada@example.org')))
    await expect(failing).rejects.toThrow('ada@example.org')
    expect(spans).toMatchObject([{ failed: true, attributes: { 'error.type': 'TypeError' } }])
    expect(JSON.stringify(spans)).not.toContain('ada@')
  })

  it('tell a refusal by the rules from a failure', async () => {
    const { tracer, spans } = recordSpans()
    const refuse = (kind: 'invalid' | 'unavailable', reason: string) =>
      inTrace(tracer, kind, {}, () => Promise.reject(new Refusal(kind, reason, 'No.'))).catch(() => undefined)
    await refuse('invalid', 'invalid_orders')
    await refuse('unavailable', 'engine_not_ready')
    expect(spans).toMatchObject([
      { failed: false, attributes: { 'galaxy.refusal': 'invalid_orders' } },
      { failed: true, attributes: { 'error.type': 'engine_not_ready' } },
    ])
  })

  it('belong to their own service when several run in one process', async () => {
    const [api, edge] = [recordSpans('galaxy-api'), recordSpans('galaxy-edge')]
    const work = ({ tracer }: typeof api) => inTrace(tracer, 'root', {}, () => inSpan('child', {}, nothing))
    await Promise.all([work(api), work(edge)])
    expect(api.spans.map(({ service }) => service)).toEqual(['galaxy-api', 'galaxy-api'])
    expect(edge.spans.map(({ service }) => service)).toEqual(['galaxy-edge', 'galaxy-edge'])
  })

  it('are not made for libraries that ask OpenTelemetry for its global tracer', async () => {
    const before = trace.getTracer('somebody')
    const { tracer, spans } = recordSpans()
    await inTrace(tracer, 'ours', {}, async () => {
      before.startActiveSpan('theirs', (span) => span.end())
      trace.getTracer('somebody').startActiveSpan('theirs', (span) => span.end())
    })
    expect(spans.map(({ name }) => name)).toEqual(['ours'])
  })

  it('cost nothing when nobody wants them: the work is done all the same', async () => {
    const seen = await inTrace(noTracer, 'root', {}, () => inSpan('child', {}, async () => scopes.getStore() ?? 'none'))
    expect(seen).toBe('none')
  })
})

describe('a line of the log', () => {
  it('names the span that it was written in, also through a child logger', async () => {
    const { tracer, spans } = recordSpans()
    const lines: Record<string, unknown>[] = []
    const write = (line: string) => void lines.push(JSON.parse(line))
    const log = pino({ mixin: traceFieldsFromContext }, { write }).child({ part: 'api' })
    await inTrace(tracer, 'root', {}, () => inSpan('child', {}, async () => log.info('inside')))
    log.info('outside')
    const [child] = spans
    expect(lines[0]).toMatchObject({ msg: 'inside', otel_trace_id: child?.traceId, otel_span_id: child?.spanId })
    expect(lines[1]).not.toHaveProperty('otel_trace_id')
  })
})
