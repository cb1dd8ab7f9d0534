/** The lines of a byte stream. A last line without its end is dropped: the connection broke within it. */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  { maxBytes = 16 * 1024 * 1024 }: { maxBytes?: number } = {},
): AsyncGenerator<string, void, undefined> {
  let parts: Uint8Array[] = []
  let held = 0
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      parts.push(chunk.subarray(from, end))
      yield Buffer.concat(parts).toString('utf8')
      parts = []
      held = 0
      from = end + 1
    }
    if (from === chunk.length) continue
    parts.push(chunk.subarray(from))
    held += chunk.length - from
    if (held > maxBytes) throw new RangeError(`a line is longer than ${maxBytes} bytes`)
  }
}

const newline = 0x0a
