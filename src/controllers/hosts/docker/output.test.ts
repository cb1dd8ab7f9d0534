import { describe, expect, it } from 'vitest'
import { outputTail } from './output.ts'

function frame(stream: 1 | 2, text: string): Buffer {
  const content = Buffer.from(text)
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(content.length, 4)
  return Buffer.concat([header, content])
}

describe('what an engine said last', () => {
  it('is told as it said it, on both streams', () => {
    expect(outputTail(Buffer.concat([frame(1, 'loading\n'), frame(2, 'cannot go on\n')]))).toBe('loading\ncannot go on')
  })

  it('does not reach a terminal as commands', () => {
    expect(outputTail(frame(2, '\u001b[31mred\u001b[0m\u0007 \u001b]0;title\u0007bell\r\n'))).toBe('red bell')
  })

  it('keeps a character whole that came in two parts', () => {
    const bytes = Buffer.from('ü')
    const half = (at: number) => Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 1]), bytes.subarray(at, at + 1)])
    expect(outputTail(Buffer.concat([half(0), half(1)]))).toBe('ü')
  })

  it('is the end of it when it is long, and what there is when a frame is cut off', () => {
    expect(outputTail(frame(1, `${'x'.repeat(10_000)}end`))).toMatch(/^x{4093}end$/)
    expect(outputTail(frame(1, 'cut off').subarray(0, 11))).toBe('cut')
    expect(outputTail(Buffer.alloc(0))).toBe('')
  })
})
