import type { SpanProcessor } from './sdk.ts'

/** Writes each span as a line of JSON when it ends. */
export function printSpans(write: (line: string) => void): SpanProcessor {
  return {
    onStart: () => undefined,
    onEnd: (span) => {
      const { traceId, spanId } = span.spanContext()
      const [startS, startNs] = span.startTime
      const [tookS, tookNs] = span.duration
      const line = {
        span: span.name,
        service: span.resource.attributes['service.name'],
        trace_id: traceId,
        span_id: spanId,
        parent_span_id: span.parentSpanContext?.spanId,
        started_at: new Date(startS * 1000 + startNs / 1e6).toISOString(),
        took_ms: tookS * 1000 + tookNs / 1e6,
        attributes: span.attributes,
      }
      write(`${JSON.stringify(line)}\n`)
    },
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  }
}
