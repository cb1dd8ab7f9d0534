import { createPrivateKey, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signingVectors } from '../../../test/support/signing-vectors.ts'
import { eventSigningInput } from '../../signing/index.ts'
import { createSigner } from './index.ts'

const { gateway } = signingVectors.keys
const active = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), gateway.seed]),
  format: 'der',
  type: 'pkcs8',
})
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const otherKey = () => generateKeyPairSync('ed25519')

describe('a signer', () => {
  const signer = createSigner({ active })

  it('names its key by its SubjectPublicKeyInfo', () => {
    expect(signer.keyId).toBe(gateway.key_id)
  })

  it.each(signingVectors.responses)('signs as published: $name', (vector) => {
    const payload = Buffer.from(vector.payload)
    const signed = signer.signResponse({
      requestId: vector.request_id,
      requestHash: vector.request_hash,
      timestampMs: vector.timestamp_ms,
      resultCode: vector.result_code,
      payload,
    })
    expect(signed.keyId).toBe(vector.key_id)
    expect(hex(signed.payloadHash)).toBe(hex(vector.payload_hash))
    expect(hex(signed.signature)).toBe(hex(vector.signature))
  })

  it.each(signingVectors.events)('signs as published: $name', (vector) => {
    const payload = Buffer.from(vector.payload)
    const signed = signer.signEvent({
      eventType: vector.event_type,
      eventId: vector.event_id,
      timestampMs: vector.timestamp_ms,
      payload,
    })
    expect(signed.keyId).toBe(vector.key_id)
    expect(hex(signed.payloadHash)).toBe(hex(vector.payload_hash))
    expect(hex(signed.signature)).toBe(hex(vector.signature))
  })
})

describe('the published keys of a signer', () => {
  it('are JSON Web Keys, the active one first', () => {
    const next = otherKey()
    const retired = otherKey()
    const keys = createSigner({ active, next: next.privateKey, retired: [retired.publicKey] }).keys()
    expect(keys.map(({ status }) => status)).toEqual(['active', 'next', 'retired'])
    expect(keys[0]).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      x: Buffer.from(gateway.public_key).toString('base64url'),
      kid: gateway.key_id,
      use: 'sig',
      status: 'active',
    })
  })

  it('hold nothing private', () => {
    const keys = createSigner({ active, next: otherKey().privateKey }).keys()
    expect(keys.filter((key) => 'd' in key)).toEqual([])
  })

  it('show a key that is named twice once, as what it is now', () => {
    const keys = createSigner({ active, retired: [createPublicKey(active)] }).keys()
    expect(keys.map(({ status }) => status)).toEqual(['active'])
  })

  it('verify what the key before signed, once it is retired (abuse 30)', () => {
    const before = otherKey()
    const event = { eventType: 'e', eventId: '1', timestampMs: 1n, payload: Buffer.from('{}') }
    const { keyId, payloadHash, signature } = createSigner({ active: before.privateKey }).signEvent(event)
    const known = createSigner({ active, retired: [before.publicKey] }).keys()
    const jwk = known.find(({ kid }) => kid === keyId)
    if (!jwk) throw new Error('the retired key is not published')
    const { kty, crv, x } = jwk
    const key = createPublicKey({ key: { kty, crv, x }, format: 'jwk' })
    expect(verify(null, eventSigningInput({ ...event, keyId, payloadHash }), key, signature)).toBe(true)
  })
})
