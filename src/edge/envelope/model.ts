import { createContextKey } from '@connectrpc/connect'

/** Fields 1 to 9 of both RPCs' requests. */
export type SignedRequest = {
  protocolVersion: string
  deviceSessionId: string
  messageType: string
  timestampMs: bigint
  requestId: string
  payloadBytes: Uint8Array
  payloadHash: Uint8Array
  signature: Uint8Array
  traceId: string
}

/** Who sent a request that has passed every stage. */
export type Authenticated = {
  userId: string
  deviceSessionId: string
  requestId: string
  /** As it was given, or new. */
  traceId: string
  /** SHA-256 of the request's signing input. */
  requestHash: Uint8Array
}

export type AuthenticateOptions = {
  /** The RPC's path: `/galaxy.gateway.v1.EdgeGateway/ExecuteCommand`. */
  procedure: string
  clientIp: string
  signal: AbortSignal
}

export type Authenticate = (request: SignedRequest, options: AuthenticateOptions) => Promise<Authenticated>

/** Where the listener leaves the client's address for the handlers. */
export const clientIpKey = createContextKey('', { description: 'the address of the client' })
