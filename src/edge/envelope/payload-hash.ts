import { hash, timingSafeEqual } from 'node:crypto'
import { Refusal } from '../../platform/errors.ts'
import type { SignedRequest } from './model.ts'

/** @throws Refusal `payload_hash_mismatch` */
export function checkPayloadHash({ payloadBytes, payloadHash }: SignedRequest): void {
  if (timingSafeEqual(hash('sha256', payloadBytes, 'buffer'), payloadHash)) return
  throw new Refusal('invalid', 'payload_hash_mismatch', 'payload_hash is not the SHA-256 of payload_bytes.')
}
