import { randomBytes } from 'node:crypto'
import {
  type Context,
  context as contexts,
  diag,
  logs,
  metrics,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer as OtelTracer,
} from '@opentelemetry/api'
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node'
import type { Log } from '../log.ts'
import { diagLogger } from './diag-logger.ts'
import type { Scope, SpanFacts, SpanIds, TraceFacts, Tracer } from './scope.ts'

export type SpanProcessor = NonNullable<NodeSDKConfiguration['spanProcessors']>[number]
export type MetricReader = NonNullable<NodeSDKConfiguration['metricReaders']>[number]

export type SdkOptions = {
  service: string
  log: Log
  /** Where spans go; undefined: to the collector that the OTEL_* variables name. */
  processors?: SpanProcessor[] | undefined
  /** What delivers metrics; without one they are only to be read here. */
  readers?: MetricReader[] | undefined
}

/** Starts an OpenTelemetry SDK of the service's own. What else there is to set, it reads from OTEL_* variables. */
export function startSdk({ service, log, processors, readers = [] }: SdkOptions): {
  tracer: Tracer
  shutdown: () => Promise<void>
} {
  let wanted: string | undefined
  const sdk = new NodeSDK({
    serviceName: service,
    metricReaders: readers,
    // Logs are on standard error.
    logRecordProcessors: [],
    textMapPropagator: null,
    idGenerator: { generateTraceId: () => wanted ?? randomId(16), generateSpanId: () => randomId(8) },
    ...(processors && { spanProcessors: processors }),
  })
  diag.setLogger(diagLogger(log), { suppressOverrideMessage: true })
  const tracer = ownTracer(sdk)
  return { tracer: { begin }, shutdown: () => sdk.shutdown() }

  function begin(name: string, { parent, traceId, ...facts }: TraceFacts = {}): Scope {
    const context = parent ? trace.setSpanContext(ROOT_CONTEXT, remote(parent)) : ROOT_CONTEXT
    wanted = traceId
    try {
      return startScope(tracer, context, name, facts)
    } finally {
      wanted = undefined
    }
  }
}

/**
 * The SDK knows only how to register itself for the whole process. It is taken out again at once: each service of a
 * process has its own, and libraries that trace by themselves must find none (Slonik would record the errors of
 * statements, values and all). Fresh before as well: who has asked already holds on to what was there then.
 */
function ownTracer(sdk: NodeSDK): OtelTracer {
  forgetGlobals()
  sdk.start()
  const tracer = trace.getTracer('galaxy')
  forgetGlobals()
  return tracer
}

function forgetGlobals(): void {
  for (const api of [trace, contexts, metrics, logs]) api.disable()
}

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT }

function startScope(tracer: OtelTracer, parent: Context, name: string, facts: SpanFacts): Scope {
  const { kind, attributes = {} } = facts
  const span = tracer.startSpan(name, { kind: kind ? kinds[kind] : SpanKind.INTERNAL, attributes }, parent)
  const context = trace.setSpan(parent, span)
  return {
    ids: idsOf(span),
    child: (childName, childFacts = {}) => startScope(tracer, context, childName, childFacts),
    note: (more) => void span.setAttributes(more),
    fail: (type) => void span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', type),
    end: () => span.end(),
  }
}

function idsOf(span: Span): SpanIds {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 }
}

function remote({ traceId, spanId, sampled }: SpanIds) {
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true }
}

function randomId(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
