import { createHash, createPublicKey, verify } from 'node:crypto'
import { Refusal } from '../../platform/errors.ts'
import { confirmSigningInput, isTrustworthyPublicKey, spkiOf } from '../../signing/index.ts'

export type Proof = {
  challengeId: string
  /** As it was sent: this is what the device has signed. */
  code: string
  /** Standard base64, as it was sent. */
  clientPublicKey: string
  proof: string
}

/**
 * The device's raw key, once it has shown that it holds it.
 * @throws Refusal `invalid_public_key`, `invalid_proof`
 */
export function readDeviceKey({ challengeId, code, clientPublicKey, proof }: Proof, audience: string): Uint8Array {
  const key = decodeBase64(clientPublicKey)
  if (!key || !isTrustworthyPublicKey(key)) {
    throw new Refusal('invalid', 'invalid_public_key', 'client_public_key must be a raw Ed25519 key in base64.')
  }
  const signature = decodeBase64(proof)
  const codeHash = createHash('sha256').update(code).digest()
  const input = confirmSigningInput({ audience, challengeId, codeHash, clientPublicKey: key })
  if (signature?.length !== 64 || !verifies(key, input, signature)) {
    throw new Refusal('invalid', 'invalid_proof', 'proof must be the signature of this confirmation by the device key.')
  }
  return key
}

function verifies(raw: Uint8Array, input: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: Buffer.from(spkiOf(raw)), format: 'der', type: 'spki' })
  return verify(null, input, key, signature)
}

/** Node.js skips what is not base64; here one text stands for one value. */
function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
