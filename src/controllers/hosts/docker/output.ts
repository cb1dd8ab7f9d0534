import { stripVTControlCharacters } from 'node:util'

const tailChars = 4096
const frameHeader = 8

/**
 * The last of what an engine said, printable, out of the frames in which the daemon hands out both its streams. What an
 * engine says must not reach a person's terminal as commands, by way of an event or a condition.
 */
export function outputTail(frames: Buffer): string {
  const text = Buffer.concat([...payloads(frames)]).toString('utf8')
  return stripVTControlCharacters(text)
    .replaceAll(/[^\P{Cc}\n\t]/gu, '')
    .slice(-tailChars)
    .trim()
}

/** Each frame is a stream's number, three zeros, its length in four bytes, and its content. */
function* payloads(frames: Buffer): Generator<Buffer> {
  let at = 0
  while (at + frameHeader <= frames.length) {
    const end = at + frameHeader + frames.readUInt32BE(at + 4)
    yield frames.subarray(at + frameHeader, end)
    at = end
  }
}
