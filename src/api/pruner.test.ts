import { describe, expect, it } from 'vitest'
import { silentLog } from '../platform/log.ts'
import { createPruner, type Forget } from './pruner.ts'

/** So many old things, forgotten batch by batch. */
function old(count: number) {
  const batches: number[] = []
  let left = count
  const forget: Forget = async (limit) => {
    const forgotten = Math.min(limit, left)
    left -= forgotten
    batches.push(forgotten)
    return forgotten
  }
  return { forget, batches }
}

describe('pruning', () => {
  it('goes on in batches until nothing old is left, of any sort', async () => {
    const [codes, sessions] = [old(5), old(3)]
    await using pruner = createPruner({ forget: [codes.forget, sessions.forget], atOnce: 2, log: silentLog })
    pruner.start()
    await expect.poll(() => codes.batches).toEqual([2, 2, 1, 0])
    await expect.poll(() => sessions.batches).toEqual([2, 1, 0])
  })

  it('is done again later, also after a failure, which keeps nothing else from being forgotten', async () => {
    const sessions = old(1)
    const failing: Forget = () => Promise.reject(new Error('the database is away'))
    await using pruner = createPruner({ forget: [failing, sessions.forget], everyMs: 1, log: silentLog })
    pruner.start()
    await expect.poll(() => sessions.batches.length).toBeGreaterThan(4)
    expect(sessions.batches[0]).toBe(1)
  })

  it('ends after the batch in progress, however much is left', async () => {
    const begun = Promise.withResolvers<void>()
    const end = Promise.withResolvers<number>()
    let batches = 0
    const slow: Forget = () => {
      batches += 1
      begun.resolve()
      return end.promise
    }
    const pruner = createPruner({ forget: [slow], log: silentLog })
    pruner.start()
    await begun.promise
    const ended = pruner[Symbol.asyncDispose]()
    end.resolve(500)
    await ended
    expect(batches).toBe(1)
  })
})
