import type { IncomingHttpHeaders } from 'node:http'
import { cors } from '@connectrpc/connect'

/** What scripts of other origins may do. Credentials are never part of it: nothing here reads a cookie. */
export type CorsPolicy = {
  /** Exact origins; `*` is any but the opaque `null`. */
  origins: readonly string[]
  methods: readonly string[]
  requestHeaders: readonly string[]
  exposedHeaders: readonly string[]
}

type Asked = { method?: string | undefined; headers: IncomingHttpHeaders }

/** Browsers ask again after so long. */
const preflightSeconds = 7_200

/** Connect, gRPC-Web, and the trailers of both. */
export function connectCors(origins: readonly string[]): CorsPolicy {
  return {
    origins,
    methods: cors.allowedMethods,
    requestHeaders: cors.allowedHeaders,
    exposedHeaders: cors.exposedHeaders,
  }
}

/** A browser asking whether it may ask. */
export function isPreflight({ method, headers }: Asked): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && 'access-control-request-method' in headers
}

/** The headers of the answer, whatever it is. An origin that is not listed gets none that let its scripts read it. */
export function corsHeaders(policy: CorsPolicy, asked: Asked): Readonly<Record<string, string>> {
  const { origin } = asked.headers
  // Caches must not give one origin's answer to another.
  const vary = { vary: 'Origin' }
  if (origin === undefined || !isListed(policy.origins, origin)) return vary
  const allowed = { ...vary, 'access-control-allow-origin': origin }
  if (!isPreflight(asked)) return { ...allowed, 'access-control-expose-headers': policy.exposedHeaders.join(', ') }
  return {
    ...allowed,
    'access-control-allow-methods': policy.methods.join(', '),
    'access-control-allow-headers': policy.requestHeaders.join(', '),
    'access-control-max-age': String(preflightSeconds),
  }
}

function isListed(origins: readonly string[], origin: string): boolean {
  return origins.includes(origin) || (origins.includes('*') && origin !== 'null')
}
