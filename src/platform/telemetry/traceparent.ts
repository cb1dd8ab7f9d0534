import { scopes, type SpanIds } from './scope.ts'

const pattern = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/

/** Reads W3C's `traceparent`; undefined when it is none, or of no use. Later versions only add to the end. */
export function parseTraceparent(header: unknown): SpanIds | undefined {
  if (typeof header !== 'string' || (header.startsWith('00') && header.length !== 55)) return undefined
  const [, traceId, spanId, flags = '0'] = pattern.exec(header) ?? []
  if (traceId === undefined || spanId === undefined) return undefined
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

export function formatTraceparent({ traceId, spanId, sampled }: SpanIds): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`
}

/** The ids of the span that the running code works in. */
export function currentSpanIds(): SpanIds | undefined {
  return scopes.getStore()?.ids
}
