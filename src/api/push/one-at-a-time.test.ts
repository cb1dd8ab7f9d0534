import { describe, expect, it } from 'vitest'
import { oneAtATime } from './one-at-a-time.ts'

/** Work that runs until it is let go. */
function heldWork() {
  const running: Array<PromiseWithResolvers<void>> = []
  const run = oneAtATime(() => {
    const held = Promise.withResolvers<void>()
    running.push(held)
    return held.promise
  })
  return { running, run }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('one at a time', () => {
  it('runs once more, after the run in progress, for all who ask meanwhile', async () => {
    const { running, run } = heldWork()
    const first = run()
    await settle()
    const later = [run(), run(), run()]
    await settle()
    expect(running).toHaveLength(1)
    running[0]?.resolve()
    await first
    await settle()
    expect(running).toHaveLength(2)
    running[1]?.resolve()
    await Promise.all(later)
    expect(running).toHaveLength(2)
  })

  it('goes on after a failure, which only those hear of whose run it was', async () => {
    const { running, run } = heldWork()
    const first = run()
    await settle()
    const second = run()
    running[0]?.reject(new Error('gone'))
    await expect(first).rejects.toThrow('gone')
    await settle()
    running[1]?.resolve()
    await expect(second).resolves.toBeUndefined()
  })
})
