import type { ServerOptions } from 'node:http'
import type { ServerSessionOptions } from 'node:http2'

/**
 * What a client must keep to on HTTP/1.1, for the headers and for the whole request. Node.js looks for those who do not
 * once per `connectionsCheckingInterval`; it would be every 30 s.
 */
export const slowClientLimits = {
  headersTimeout: 5_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
} as const satisfies ServerOptions

/** On HTTP/2 Node.js has no limit for the body: ours is the same. */
export const bodyWithinMs = slowClientLimits.requestTimeout

/** Bytes of a body that are discarded after the answer. HTTP/2 streams with more are reset, HTTP/1.1 connections closed. */
export const discardedBytesMax = 1_048_576

/** Bytes of a request's headers. */
const maxHeaderSize = 16_384

export const http1Limits = {
  ...slowClientLimits,
  // Longer than load balancers keep an idle connection (60 s): they must be the ones who close it.
  keepAliveTimeout: 65_000,
  maxHeaderSize,
  // Node.js would refuse it with an empty answer.
  requireHostHeader: false,
  insecureHTTPParser: false,
} as const satisfies ServerOptions

export const http2Limits = {
  /** Megabytes of headers, queued data and unacknowledged frames; above it new streams are refused. */
  maxSessionMemory: 10,
  maxHeaderListPairs: 64,
  maxSettings: 32,
  maxOutstandingPings: 10,
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  // Rapid reset (CVE-2023-44487): so many at once, then so many per second, then GOAWAY.
  streamResetBurst: 200,
  streamResetRate: 33,
  unknownProtocolTimeout: 2_000,
  settings: { maxConcurrentStreams: 100, maxHeaderListSize: maxHeaderSize, enablePush: false },
} as const satisfies ServerSessionOptions

/** An HTTP/2 connection on which nothing moves is closed. Event streams carry a sign of life far more often. */
export const idleSessionMs = 120_000

/** A client with open calls that neither answers a ping nor takes what waits for it for so long is cut off. */
export const lifeSignMs = 30_000

/** Until the first bytes have told the protocol; the TLS handshake before it. */
export const firstBytesWithinMs = 2_000
export const handshakeWithinMs = 5_000
