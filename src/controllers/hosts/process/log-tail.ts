import { appendFile, open, rename, stat, truncate, writeFile } from 'node:fs/promises'

const keptBytes = 1_000_000
/** A running engine's log may grow so long before it is cut. */
const longBytes = 16_000_000
const tailBytes = 4096

/** The last of what the engine said since the log was `from` long, printable, for a person who asks why it ended. */
export async function logTail(path: string, from: number): Promise<string | undefined> {
  const said = (await readEnd(path, tailBytes, from)).toString('utf8')
  return printable(said) || undefined
}

const escape = String.fromCodePoint(27)

/** What an engine says must not reach a person's terminal as commands, by way of an event or a condition. */
function printable(text: string): string {
  const [first = '', ...rest] = text.split(escape)
  const plain = first + rest.map((part) => part.replace(/^\[[0-9;?]*[ -/]*[@-~]/, '')).join('')
  return plain.replaceAll(/[^\P{Cc}\n\t]/gu, '').trim()
}

/** Shortens a log that grew long to its end, so that it is bounded over many starts. Returns how long it is now. */
export async function trimLog(path: string): Promise<number> {
  const { size } = await stat(path).catch(() => ({ size: 0 }))
  if (size <= 2 * keptBytes) return size
  const end = await readEnd(path, keptBytes, 0)
  await writeFile(`${path}.tmp`, end, { mode: 0o600 })
  await rename(`${path}.tmp`, path)
  return end.length
}

/** The same while the engine runs and appends to it: cut in place, so what it says in that instant may be lost. */
export async function cutLog(path: string): Promise<void> {
  const { size } = await stat(path).catch(() => ({ size: 0 }))
  if (size <= longBytes) return
  const end = await readEnd(path, keptBytes, 0)
  await truncate(path, 0)
  await appendFile(path, end)
}

async function readEnd(path: string, maxBytes: number, from: number): Promise<Buffer> {
  try {
    await using file = await open(path, 'r')
    const { size } = await file.stat()
    const start = Math.max(size - maxBytes, from <= size ? from : 0)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
    return buffer.subarray(0, bytesRead)
  } catch {
    return Buffer.alloc(0)
  }
}
