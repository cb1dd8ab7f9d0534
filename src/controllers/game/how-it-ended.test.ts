import { describe, expect, it } from 'vitest'
import { howItEnded } from './how-it-ended.ts'

const failed = (output: string) => howItEnded({ code: 1, requested: false, output })
const line = (letter: string, length: number) => letter.repeat(length)

describe('the end of an engine', () => {
  it.each([
    { exit: undefined, told: 'unexpectedly' },
    { exit: { requested: false }, told: 'unexpectedly' },
    { exit: { requested: false, code: 3 }, told: 'with exit code 3' },
    { exit: { requested: false, code: 143, signal: 'SIGTERM' }, told: 'by SIGTERM' },
    {
      exit: { requested: false, turnedAway: 'node-1: Evicted: low on memory', output: 'unrelated' },
      told: 'because its machine would not have it any longer: node-1: Evicted: low on memory',
    },
    {
      exit: { requested: false, code: 3, output: '\n  no licence found \n' },
      told: 'with exit code 3: no licence found',
    },
  ])('is told as "$told"', ({ exit, told }) => {
    expect(howItEnded(exit)).toBe(told)
  })

  it('has the last whole lines that fit, and no half of one', () => {
    expect(failed([line('a', 300), line('b', 249), line('c', 250)].join('\n'))).toBe(
      `with exit code 1: ${line('b', 249)}\n${line('c', 250)}`,
    )
    expect(failed([line('a', 300), line('b', 250), line('c', 250)].join('\r\n'))).toBe(
      `with exit code 1: ${line('c', 250)}`,
    )
  })

  it('has the end of a line that is too long alone', () => {
    expect(failed(`before\n${line('a', 500)}`)).toBe(`with exit code 1: ${line('a', 500)}`)
    expect(failed(`before\n${line('a', 200)}${line('b', 499)}`)).toBe(`with exit code 1: …${line('b', 499)}`)
  })

  it.each([
    { how: 'by SIGKILL', exit: { signal: 'SIGKILL' } },
    { how: 'by SIGKILL', exit: { signal: 'SIGKILL', code: 137 } },
    { how: 'with exit code 137', exit: { code: 137 } },
  ])('$how had nothing to do with what it said last', ({ how, exit }) => {
    expect(howItEnded({ ...exit, requested: false, output: '{"msg":"turn 7 is generated"}' })).toBe(how)
  })

  it.each([
    { limit: '256Mi', told: 'for want of memory: it may have 256Mi (spec.engine.resources.limits.memory)' },
    {
      limit: undefined,
      told: 'for want of memory: its machine had no more (spec.engine.resources.limits.memory is not set)',
    },
  ])('for want of memory names the field that limits it: $limit', ({ limit, told }) => {
    const killed = { signal: 'SIGKILL', outOfMemory: true, requested: false }
    expect(howItEnded(killed, limit)).toBe(told)
    expect(howItEnded({ ...killed, output: '{"msg":"turn 7"}' }, limit)).toBe(told)
    // Only a part of it was killed, and it told of that.
    const lamed = { code: 1, outOfMemory: true, requested: false, output: 'the worker is gone' }
    expect(howItEnded(lamed, limit)).toBe(`${told}: the worker is gone`)
  })
})
