import { hash, type KeyObject } from 'node:crypto'

/** The name of a signing key: the first 16 hex digits of SHA-256 over its SubjectPublicKeyInfo DER. */
export function keyIdOf(publicKey: KeyObject): string {
  return hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'hex').slice(0, 16)
}
