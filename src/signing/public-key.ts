const fieldPrime = 2n ** 255n - 19n

/**
 * One of the y coordinates of the four points of order eight; the other is its negative. With 1, -1 and 0 these are the
 * y coordinates of the eight points of small order. For such a key a signature over anything can be made (RFC 8032, section 8; "Taming the many EdDSAs").
 */
const orderEightY = 2707385501144840649318225287225658788936804267575313519463743609750303402022n
const smallOrderY: ReadonlySet<bigint> = new Set([0n, 1n, fieldPrime - 1n, orderEightY, fieldPrime - orderEightY])

/**
 * True for a raw Ed25519 key (32 bytes) that may be trusted: its y coordinate is below the field's prime (one encoding
 * for one key) and it is none of the points of small order. Whether it lies on the curve at all, the verification tells.
 */
export function isTrustworthyPublicKey(raw: Uint8Array): boolean {
  if (raw.length !== 32) return false
  const y = littleEndian(raw) & (2n ** 255n - 1n)
  return y < fieldPrime && !smallOrderY.has(y)
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** SubjectPublicKeyInfo of every Ed25519 key, up to the key itself (RFC 8410, section 4). */
const spkiPrefix = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00)

/** A raw Ed25519 key as SubjectPublicKeyInfo DER. */
export function spkiOf(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const spki = new Uint8Array(spkiPrefix.length + raw.length)
  spki.set(spkiPrefix)
  spki.set(raw, spkiPrefix.length)
  return spki
}
