import { createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signingVectors } from '../../test/support/signing-vectors.ts'
import { confirmSigningInput, eventSigningInput, requestSigningInput, responseSigningInput } from '../signing/index.ts'
import { sha256, utf8Bytes } from './bytes.ts'
import { type DeviceKey, deviceKeyOf, signWith } from './device-key.ts'

const { keys, requests, responses, events, confirmations } = signingVectors

async function keyOf({ seed, public_key }: { seed: Uint8Array; public_key: Uint8Array }): Promise<DeviceKey> {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  // What Node.js itself takes for this key must be what WebCrypto takes.
  createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, { name: 'Ed25519' }, true, ['sign'])
  const publicKey = await crypto.subtle.importKey('raw', public_key, { name: 'Ed25519' }, true, ['verify'])
  return deviceKeyOf({ privateKey, publicKey })
}

describe('WebCrypto comes to the published signatures', () => {
  it.each(requests)('of the request: $name', async (vector) => {
    const payloadHash = await sha256(utf8Bytes(vector.payload))
    expect(payloadHash).toEqual(vector.payload_hash)
    const input = requestSigningInput({
      audience: vector.audience,
      procedure: vector.procedure,
      protocolVersion: vector.protocol_version,
      deviceSessionId: vector.device_session_id,
      requestId: vector.request_id,
      messageType: vector.message_type,
      timestampMs: vector.timestamp_ms,
      payloadHash,
    })
    expect(await signWith(await keyOf(keys.device), input)).toEqual(vector.signature)
  })

  it.each(responses)('of the response: $name', async (vector) => {
    const input = responseSigningInput({
      keyId: vector.key_id,
      requestId: vector.request_id,
      requestHash: vector.request_hash,
      timestampMs: vector.timestamp_ms,
      resultCode: vector.result_code,
      payloadHash: await sha256(utf8Bytes(vector.payload)),
    })
    expect(await signWith(await keyOf(keys.gateway), input)).toEqual(vector.signature)
  })

  it.each(events)('of the event: $name', async (vector) => {
    const input = eventSigningInput({
      keyId: vector.key_id,
      eventType: vector.event_type,
      eventId: vector.event_id,
      timestampMs: vector.timestamp_ms,
      payloadHash: await sha256(utf8Bytes(vector.payload)),
    })
    expect(await signWith(await keyOf(keys.gateway), input)).toEqual(vector.signature)
  })

  it.each(confirmations)('of the proof: $name', async (vector) => {
    const device = await keyOf(keys.device)
    expect(device.publicKey).toEqual(vector.client_public_key)
    const input = confirmSigningInput({
      audience: vector.audience,
      challengeId: vector.challenge_id,
      codeHash: await sha256(utf8Bytes(vector.code)),
      clientPublicKey: device.publicKey,
    })
    expect(await signWith(device, input)).toEqual(vector.signature)
  })
})
