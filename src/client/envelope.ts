import { requestSigningInput } from '../signing/index.ts'
import { base64Of, sha256, utf8Bytes } from './bytes.ts'
import { type DeviceKey, signWith } from './device-key.ts'

/** The two calls of `galaxy.gateway.v1.EdgeGateway`, as they are signed. */
export type Procedure =
  | '/galaxy.gateway.v1.EdgeGateway/ExecuteCommand'
  | '/galaxy.gateway.v1.EdgeGateway/SubscribeEvents'

export const protocolVersion = 'v1'

/** Who signs, for whom, and when. */
export type Signer = { key: DeviceKey; deviceSessionId: string; audience: string; nowMs: number }

/** What both calls carry. */
export type Envelope = {
  protocolVersion: string
  deviceSessionId: string
  messageType: string
  timestampMs: bigint
  requestId: string
  payloadBytes: Uint8Array
  payloadHash: Uint8Array
  signature: Uint8Array
}

export type Sealed = {
  envelope: Envelope
  /** Of what was signed: the gateway's answer is bound to it. */
  requestHash: Uint8Array
}

/** A request with a new id, signed. */
export async function seal(
  { key, deviceSessionId, audience, nowMs }: Signer,
  { procedure, messageType, payload }: { procedure: Procedure; messageType: string; payload: object },
): Promise<Sealed> {
  const payloadBytes = utf8Bytes(JSON.stringify(payload))
  const payloadHash = await sha256(payloadBytes)
  const fields = {
    protocolVersion,
    deviceSessionId,
    messageType,
    timestampMs: BigInt(Math.round(nowMs)),
    requestId: newRequestId(),
    payloadHash,
  }
  const input = requestSigningInput({ ...fields, audience, procedure })
  const signature = await signWith(key, input)
  return { envelope: { ...fields, payloadBytes, signature }, requestHash: await sha256(input) }
}

/** 128 random bits: 22 characters of URL-safe base64. */
function newRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return base64Of(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
