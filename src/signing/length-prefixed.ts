const utf8 = new TextEncoder()

/** What a signing input is made of: text, bytes as they are, or a moment in milliseconds since the Unix epoch. */
export type Field = string | Uint8Array | bigint

/**
 * The concatenation of `lp(field)`: a 4-byte big-endian length, then the field's bytes. Text is UTF-8, a moment 8 bytes
 * big-endian two's complement. The lengths keep ("ab", "c") and ("a", "bc") apart.
 */
export function lengthPrefixed(fields: readonly Field[]): Uint8Array<ArrayBuffer> {
  const parts = fields.map(bytesOf)
  const joined = new Uint8Array(parts.reduce((size, part) => size + 4 + part.length, 0))
  const view = new DataView(joined.buffer)
  let at = 0
  for (const part of parts) {
    view.setUint32(at, part.length)
    joined.set(part, at + 4)
    at += 4 + part.length
  }
  return joined
}

function bytesOf(field: Field): Uint8Array {
  if (typeof field === 'string') return utf8.encode(field)
  if (typeof field !== 'bigint') return field
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, field)
  return bytes
}
