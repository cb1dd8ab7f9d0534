import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createTextPool, poolTexts, type TextPool } from './text-pool.ts'

it('a value with pooled texts equals the one without, whatever is pooled meanwhile', () => {
  const pool = createTextPool({ size: 4, longest: 3 })
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(poolTexts(value, pool)).toEqual(value)
    }),
  )
  expect(JSON.stringify(poolTexts(JSON.parse('{"__proto__":{"a":"b"}}'), pool))).toBe('{"__proto__":{"a":"b"}}')
})

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Bytes that stay in use for what many answers say, which is the same but for a text of their own. */
function bytesKept(pool: TextPool): number {
  const answer = (index: number) => JSON.stringify({ name: `game-${index}`, message: 'm'.repeat(100) })
  const kept: unknown[] = []
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  for (let index = 0; index < 20_000; index += 1) kept.push(poolTexts(JSON.parse(answer(index)), pool))
  collectGarbage()
  return (process.memoryUsage().heapUsed - before) * Math.sign(kept.length)
}

it('texts that come again and again are kept once, however many others come in between', () => {
  expect(bytesKept(createTextPool({ size: 100 }))).toBeLessThan(bytesKept((text) => text) * 0.7)
})

it('texts that never come again are forgotten', () => {
  const pool = createTextPool({ size: 100 })
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  for (let index = 0; index < 50_000; index += 1) pool(`${index}`.padStart(100, '0'))
  collectGarbage()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(2 ** 20)
})
