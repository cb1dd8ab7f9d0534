import { lengthPrefixed } from './length-prefixed.ts'

/** Hashes are SHA-256, 32 bytes, made by the caller: it is done one way in Node.js and another in browsers. */
export type RequestFields = {
  audience: string
  /** The RPC's path, such as `/galaxy.gateway.v1.EdgeGateway/ExecuteCommand`. */
  procedure: string
  protocolVersion: string
  deviceSessionId: string
  requestId: string
  messageType: string
  timestampMs: bigint
  payloadHash: Uint8Array
}

/** What a device signs to have a command run or a stream opened. */
export function requestSigningInput(fields: RequestFields): Uint8Array<ArrayBuffer> {
  return lengthPrefixed([
    'galaxy.edge.request.v1',
    fields.audience,
    fields.procedure,
    fields.protocolVersion,
    fields.deviceSessionId,
    fields.requestId,
    fields.messageType,
    fields.timestampMs,
    fields.payloadHash,
  ])
}

export type ResponseFields = {
  keyId: string
  requestId: string
  /** Of the request's signing input: a response is good for one request only. */
  requestHash: Uint8Array
  timestampMs: bigint
  resultCode: string
  payloadHash: Uint8Array
}

/** What the gateway signs to answer a command. */
export function responseSigningInput(fields: ResponseFields): Uint8Array<ArrayBuffer> {
  return lengthPrefixed([
    'galaxy.edge.response.v1',
    fields.keyId,
    fields.requestId,
    fields.requestHash,
    fields.timestampMs,
    fields.resultCode,
    fields.payloadHash,
  ])
}

export type EventFields = {
  keyId: string
  eventType: string
  eventId: string
  timestampMs: bigint
  payloadHash: Uint8Array
}

/** What the gateway signs to push an event. */
export function eventSigningInput(fields: EventFields): Uint8Array<ArrayBuffer> {
  return lengthPrefixed([
    'galaxy.edge.event.v1',
    fields.keyId,
    fields.eventType,
    fields.eventId,
    fields.timestampMs,
    fields.payloadHash,
  ])
}

export type ConfirmFields = {
  audience: string
  challengeId: string
  codeHash: Uint8Array
  /** The raw Ed25519 key, 32 bytes. */
  clientPublicKey: Uint8Array
}

/** What a device signs to show that it holds the key it enrols with an e-mail code. */
export function confirmSigningInput(fields: ConfirmFields): Uint8Array<ArrayBuffer> {
  return lengthPrefixed([
    'galaxy.auth.confirm.v1',
    fields.audience,
    fields.challengeId,
    fields.codeHash,
    fields.clientPublicKey,
  ])
}
