import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { linesOf } from './lines.ts'

async function all(stream: NodeJS.ReadableStream): Promise<string[]> {
  const lines: string[] = []
  for await (const line of linesOf(stream)) lines.push(line)
  return lines
}

describe('what comes bit by bit', () => {
  it('is told by lines, wherever it was cut', async () => {
    const bytes = Buffer.from('één\r\n\ntwo\nthree')
    expect(
      await all(
        Readable.from(
          [...bytes].map((byte) => Buffer.from([byte])),
          { objectMode: false },
        ),
      ),
    ).toEqual(['één\r', 'two', 'three'])
  })

  it('is not taken for whole when it breaks off', async () => {
    const broken = new Readable({ read: () => undefined })
    broken.push('one\ntw')
    setImmediate(() => broken.destroy(new Error('aborted')))
    await expect(all(broken)).rejects.toThrow('aborted')
  })
})
