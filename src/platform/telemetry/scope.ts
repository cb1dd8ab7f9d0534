import { AsyncLocalStorage } from 'node:async_hooks'

/** What may stand in an attribute is decided where it is set: nothing personal, no secret, no value of a statement. */
export type Attributes = Readonly<Record<string, string | number | boolean>>

export type SpanFacts = { kind?: 'server' | 'client'; attributes?: Attributes }

/** As W3C Trace Context names a span: 32 and 16 hex digits. */
export type SpanIds = { traceId: string; spanId: string; sampled: boolean }

/** A span that is being worked in. */
export type Scope = {
  ids: SpanIds
  child: (name: string, facts?: SpanFacts) => Scope
  note: (attributes: Attributes) => void
  /** The work has failed; `type` is of a small set. */
  fail: (type: string) => void
  end: () => void
}

export type TraceFacts = SpanFacts & {
  /** The span of another process that asked for this work. */
  parent?: SpanIds | undefined
  /** Begins a trace of this id; for callers that name a trace but no span. */
  traceId?: string | undefined
}

/** Begins traces, or goes on with those of other processes; undefined when nobody wants to know. */
export type Tracer = { begin: (name: string, facts?: TraceFacts) => Scope | undefined }

export const noTracer: Tracer = { begin: () => undefined }

/**
 * The span that the running code works for. Nothing of OpenTelemetry is loaded for this: also what is never traced, such
 * as engines, logs through it. It holds the service's own spans, so several services may run in one process.
 */
export const scopes = new AsyncLocalStorage<Scope>()

/** For every line of a log: the span that it was written in. */
export function traceFieldsFromContext(): { otel_trace_id?: string; otel_span_id?: string } {
  const ids = scopes.getStore()?.ids
  return ids ? { otel_trace_id: ids.traceId, otel_span_id: ids.spanId } : {}
}
