import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto'
import { eventSigningInput, responseSigningInput } from '../../signing/index.ts'
import { keyIdOf } from './key-id.ts'
import { type PublishedKey, publishedKey } from './published-keys.ts'

export type SignerKeys = {
  /** Private: it signs everything. */
  active: KeyObject
  /** Private or public: it will sign after the next change of settings. */
  next?: KeyObject
  retired?: readonly KeyObject[]
}

export type ResponseToSign = {
  requestId: string
  /** SHA-256 of the request's signing input. */
  requestHash: Uint8Array
  timestampMs: bigint
  resultCode: string
  payload: Uint8Array
}

export type EventToSign = { eventType: string; eventId: string; timestampMs: bigint; payload: Uint8Array }

export type Signed = { payloadHash: Uint8Array; signature: Uint8Array; keyId: string }

export type Signer = {
  /** Of the active key. */
  keyId: string
  signResponse: (response: ResponseToSign) => Signed
  signEvent: (event: EventToSign) => Signed
  /** Every key that clients may meet, the active one first. */
  keys: () => PublishedKey[]
}

/**
 * Signs what leaves the gateway.
 * @throws Error when the active key cannot sign what its public half verifies
 */
export function createSigner({ active, next, retired = [] }: SignerKeys): Signer {
  const publicKey = createPublicKey(active)
  const keyId = keyIdOf(publicKey)
  const published = distinct([
    publishedKey(active, 'active'),
    ...(next ? [publishedKey(next, 'next')] : []),
    ...retired.map((key) => publishedKey(key, 'retired')),
  ])
  testItself(active, publicKey)
  return {
    keyId,
    signResponse: ({ payload, ...response }) =>
      signed(payload, (payloadHash) => responseSigningInput({ ...response, keyId, payloadHash })),
    signEvent: ({ payload, ...event }) =>
      signed(payload, (payloadHash) => eventSigningInput({ ...event, keyId, payloadHash })),
    keys: () => [...published],
  }

  function signed(payload: Uint8Array, inputFor: (payloadHash: Uint8Array) => Uint8Array): Signed {
    const payloadHash = hash('sha256', payload, 'buffer')
    return { payloadHash, signature: sign(null, inputFor(payloadHash), active), keyId }
  }
}

/** In the middle of a rotation a key may be named twice; what it does now counts. */
function distinct(keys: readonly PublishedKey[]): PublishedKey[] {
  return keys.filter(({ kid }, index) => keys.findIndex((other) => other.kid === kid) === index)
}

function testItself(privateKey: KeyObject, publicKey: KeyObject): void {
  const message = Buffer.from('galaxy.edge.self-test')
  if (!verify(null, message, publicKey, sign(null, message, privateKey))) {
    throw new Error('the key does not verify what it signs')
  }
}
