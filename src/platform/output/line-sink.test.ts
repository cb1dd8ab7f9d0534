import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Drops } from './drops.ts'
import { LineSink } from './line-sink.ts'

type Answer = number | string

/** A target that answers as it is told to: a number of bytes, or a system error's code; all bytes without an answer. */
function aTarget(answers: Answer[] = []) {
  let text = ''
  const writeNow = (chunk: Buffer): number => {
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    if (typeof answer === 'string') throw Object.assign(new Error(answer), { code: answer })
    const length = Math.min(answer ?? chunk.length, chunk.length)
    text += chunk.subarray(0, length).toString('latin1')
    return length
  }
  const write = (chunk: Buffer, done: (error: unknown, written: number) => void) => {
    let written = 0
    let failure: unknown
    try {
      written = writeNow(chunk)
    } catch (error) {
      failure = error
    }
    done(failure, written)
  }
  return { write, writeNow, answers, text: () => text }
}

function aSink(target: ReturnType<typeof aTarget>, limits: { maxBytes?: number; maxLines?: number } = {}) {
  const waiting: (() => void)[] = []
  const reports: Partial<Drops>[] = []
  const sink = new LineSink({
    target,
    ...limits,
    later: (run) => void waiting.push(run),
    onRecovered: (dropped) => void reports.push(dropped),
  })
  return { sink, reports, retry: () => waiting.splice(0).forEach((run) => run()) }
}

describe('a sink of lines', () => {
  it.each([
    { code: 'EAGAIN', reason: 'blocked' },
    { code: 'ENOSPC', reason: 'no_space' },
    { code: 'EFBIG', reason: 'no_space' },
    { code: 'EPIPE', reason: 'closed' },
    { code: 'EIO', reason: 'failed' },
  ])('keeps the newest lines while writing fails with $code, and counts the others as $reason', ({ code, reason }) => {
    const target = aTarget([code])
    const { sink, reports, retry } = aSink(target, { maxLines: 3 })
    for (let i = 0; i < 10; i++) sink.write(`${i}\n`)
    retry()
    expect(target.text()).toBe('')
    target.answers.length = 0
    retry()
    // The first is what was being written when it failed.
    expect(target.text()).toBe('0\n7\n8\n9\n')
    expect(sink.dropped).toMatchObject({ [reason]: 6 })
    expect(reports).toEqual([{ [reason]: 6 }])
  })

  it('says nothing about dropped lines when none were', () => {
    const target = aTarget(['EAGAIN'])
    const { sink, reports, retry } = aSink(target)
    sink.write('a\n')
    target.answers.length = 0
    retry()
    sink.write('b\n')
    expect(target.text()).toBe('a\nb\n')
    expect(reports).toEqual([])
  })

  it('drops a line that is longer than all it may hold', () => {
    const target = aTarget()
    const { sink, reports } = aSink(target, { maxBytes: 10 })
    sink.write('0123456789\n')
    sink.write('short\n')
    expect(target.text()).toBe('short\n')
    expect(reports).toEqual([{ too_long: 1 }])
  })

  it('waits for a reader at the end of the process for a bounded time', () => {
    const { sink } = aSink(aTarget(['EAGAIN']))
    sink.write('a\n')
    const startedAt = performance.now()
    expect(sink.flush(30)).toBe(false)
    expect(performance.now() - startedAt).toBeGreaterThan(25)
  })

  it('writes what waits at the end of the process', () => {
    const target = aTarget(['EAGAIN'])
    const { sink } = aSink(target)
    sink.write('a\n')
    sink.write('b\n')
    target.answers.length = 0
    expect(sink.flush(1000)).toBe(true)
    expect(target.text()).toBe('a\nb\n')
  })

  it('does not write at the end what a write in progress has', () => {
    const texts: string[] = []
    const target = {
      write: () => undefined,
      writeNow: (chunk: Buffer) => {
        texts.push(chunk.toString())
        return chunk.length
      },
    }
    const sink = new LineSink({ target })
    sink.write('in progress\n')
    sink.write('next\n')
    expect(sink.flush(0)).toBe(true)
    expect(texts).toEqual(['next\n'])
  })

  it('writes every line once, in order and whole, or counts it, whatever the target answers', () => {
    const answer = fc.oneof(
      fc.integer({ min: 0, max: 6 }),
      fc.constantFrom('EAGAIN', 'ENOSPC', 'EPIPE', 'EIO', 'EINTR'),
    )
    const step = fc.constantFrom('write', 'write', 'write', 'retry')
    const limits = fc.record({ maxBytes: fc.integer({ min: 4, max: 30 }), maxLines: fc.integer({ min: 1, max: 6 }) })
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 40 }), fc.array(step), limits, (answers, steps, bounds) => {
        const target = aTarget([...answers, 100])
        const { sink, reports, retry } = aSink(target, bounds)
        let count = 0
        for (const each of steps) {
          if (each === 'write') sink.write(`${String(count++).padStart(3, '0')}\n`)
          else retry()
        }
        for (let i = 0; i < 60; i++) retry()
        const numbers = target.text().split('\n').slice(0, -1).map(Number)
        expect(target.text()).toMatch(/^([0-9]{3}\n)*$/)
        expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
        const dropped = Object.values(sink.dropped).reduce((sum, each) => sum + each, 0)
        expect(numbers.length + dropped).toBe(count)
        expect(reports.flatMap((report) => Object.values(report)).reduce((sum, each) => sum + each, 0)).toBe(dropped)
      }),
    )
  })
})
