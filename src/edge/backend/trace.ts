import { randomBytes } from 'node:crypto'
import { currentSpanIds, formatTraceparent } from '../../platform/telemetry/index.ts'

/** The W3C id of the trace that is being worked in, or of a new one: 32 hex digits. */
export function newTraceId(): string {
  return currentSpanIds()?.traceId ?? randomBytes(16).toString('hex')
}

/** The W3C `traceparent` of one call within a trace: the current span's, when it is of that trace. */
export function traceparent(traceId: string): string {
  const current = currentSpanIds()
  if (current?.traceId === traceId) return formatTraceparent(current)
  return formatTraceparent({ traceId, spanId: randomBytes(8).toString('hex'), sampled: true })
}
