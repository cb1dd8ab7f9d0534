import { open } from 'node:fs/promises'

/** The last of what the engine said, printable, for a person who asks why it ended. */
export async function logTail(path: string, maxBytes = 4096): Promise<string | undefined> {
  try {
    await using file = await open(path, 'r')
    const { size } = await file.stat()
    const length = Math.min(size, maxBytes)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
    const text = buffer.toString('utf8').replaceAll(/[^\P{Cc}\n]/gu, '')
    return text.split('\n').filter(Boolean).slice(-5).join('\n') || undefined
  } catch {
    return undefined
  }
}
