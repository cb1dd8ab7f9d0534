import { createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { keyIdOf } from './key-id.ts'

/**
 * A key as `GET /api/v1/public/keys` shows it. Clients learn the next key before it signs, and keep verifying what a
 * retired one signed.
 */
export type PublishedKey = {
  kty: 'OKP'
  crv: 'Ed25519'
  x: string
  kid: string
  use: 'sig'
  status: 'active' | 'next' | 'retired'
}

const Jwk = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() })

/** The JSON Web Key (RFC 8037) of a public key, or of a private key's public half. */
export function publishedKey(key: KeyObject, status: PublishedKey['status']): PublishedKey {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  const { kty, crv, x } = Jwk.parse(publicKey.export({ format: 'jwk' }))
  return { kty, crv, x, kid: keyIdOf(publicKey), use: 'sig', status }
}
