import { once } from 'node:events'
import { createServer } from 'node:http'
import { SpanStatusCode } from '@opentelemetry/api'
import { z } from 'zod'
import { silentLog } from '../log.ts'
import { type SpanProcessor, startSdk } from './sdk.ts'

/** A span as tests look at it. */
export type SeenSpan = {
  service: unknown
  name: string
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  attributes: Record<string, unknown>
  failed: boolean
}

/** A service whose spans are kept in memory. */
export function recordSpans(service = 'galaxy-test') {
  const spans: SeenSpan[] = []
  const keep: SpanProcessor = {
    onStart: () => undefined,
    onEnd: (span) => {
      const { traceId, spanId } = span.spanContext()
      spans.push({
        service: span.resource.attributes['service.name'],
        name: span.name,
        traceId,
        spanId,
        parentSpanId: span.parentSpanContext?.spanId,
        attributes: { ...span.attributes },
        failed: span.status.code === SpanStatusCode.ERROR,
      })
    },
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  }
  const { tracer } = startSdk({ service, log: silentLog, processors: [keep] })
  return { tracer, spans }
}

const Value = z.looseObject({ stringValue: z.string().optional(), intValue: z.union([z.string(), z.int()]).optional() })
const Attribute = z.object({ key: z.string(), value: Value })
const Traces = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(Attribute) }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              name: z.string(),
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().optional(),
              attributes: z.array(Attribute),
              status: z.object({ code: z.int().optional() }),
            }),
          ),
        }),
      ),
    }),
  ),
})

const MetricsRequest = z.object({
  resourceMetrics: z.array(
    z.object({
      resource: z.object({ attributes: z.array(Attribute) }),
      scopeMetrics: z.array(z.object({ metrics: z.array(z.looseObject({ name: z.string() })) })),
    }),
  ),
})

/** An OTLP/HTTP collector on a free port, and the variables that lead to it. */
export async function startCollector() {
  const received: { path: string | undefined; body: Buffer }[] = []
  const server = createServer((request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      received.push({ path: request.url, body: Buffer.concat(chunks) })
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    /** The spans that came as JSON. */
    spans: () => bodiesFor('/v1/traces').flatMap(spansOf),
    /** The newest of what came as JSON, by name. */
    metrics: () => new Map(bodiesFor('/v1/metrics').flatMap(metricsOf)),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }

  function bodiesFor(path: string): Buffer[] {
    return received.filter((one) => one.path === path).map(({ body }) => body)
  }
}

function metricsOf(body: Buffer): [name: string, metric: Record<string, unknown>][] {
  return MetricsRequest.parse(JSON.parse(body.toString())).resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) =>
      metrics.map(({ name, ...data }): [string, Record<string, unknown>] => [
        name,
        { ...data, service: recordOf(resource.attributes)['service.name'] },
      ]),
    ),
  )
}

function spansOf(body: Buffer): SeenSpan[] {
  return Traces.parse(JSON.parse(body.toString())).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ status, attributes, parentSpanId, ...span }) => ({
        ...span,
        parentSpanId,
        service: recordOf(resource.attributes)['service.name'],
        attributes: recordOf(attributes),
        failed: status.code === SpanStatusCode.ERROR,
      })),
    ),
  )
}

function recordOf(attributes: readonly z.infer<typeof Attribute>[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))
}

/** The names of the spans below this one, each with those below it. */
export function treeBelow(spans: readonly SeenSpan[], parentSpanId: string | undefined): Record<string, object> {
  const children = spans.filter((span) => span.parentSpanId === parentSpanId)
  return Object.fromEntries(children.map(({ name, spanId }) => [name, treeBelow(spans, spanId)]))
}
