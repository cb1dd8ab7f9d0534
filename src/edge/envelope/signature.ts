import { type KeyObject, verify } from 'node:crypto'
import { Refusal } from '../../platform/errors.ts'

type SignedBytes = { key: KeyObject | undefined; input: Uint8Array; signature: Uint8Array }

/** @throws Refusal `invalid_signature`, also when the session's key is one that proves nothing */
export function checkSignature({ key, input, signature }: SignedBytes): void {
  if (key && verify(null, input, key, signature)) return
  throw new Refusal('unauthenticated', 'invalid_signature', "The signature is not the session's over this request.")
}
