import { createPublicKey, type KeyObject } from 'node:crypto'
import { isTrustworthyPublicKey, spkiOf } from '../../signing/index.ts'

const maxKeys = 10_000

/**
 * Reads device keys, and keeps what it made of them: this says nothing about sessions, only what the same 32 bytes always
 * come to.
 */
export function createDeviceKeys(): (base64: string) => KeyObject | undefined {
  const known = new Map<string, KeyObject>()

  /** A raw Ed25519 key in base64; undefined when it is none that may be trusted. */
  return function deviceKey(base64) {
    const kept = known.get(base64)
    if (kept) return kept
    const raw = Buffer.from(base64, 'base64')
    if (!isTrustworthyPublicKey(raw)) return undefined
    const key = createPublicKey({ key: Buffer.from(spkiOf(raw)), format: 'der', type: 'spki' })
    // Nearly everybody who is here is within the newest thousands; the rest pay for their key once more.
    const [oldest] = known.keys()
    if (known.size >= maxKeys && oldest !== undefined) known.delete(oldest)
    known.set(base64, key)
    return key
  }
}
