import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LatestQueue } from './latest-queue.ts'

const backoff = { baseMs: 100, maxMs: 300, random: () => 0 }
/** Whatever can happen without time passing has happened. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

/** A queue whose work ends when the test says so. */
function aQueue({ workers = 2 } = {}) {
  const running: { item: string; end: () => void; fail: () => void; refuse: () => void }[] = []
  const worked: string[] = []
  const pauses: number[] = []
  const queue = new LatestQueue<string>({
    workers,
    backoff,
    rest: async (ms) => void pauses.push(ms),
    onFailure: (_error, key, failures) => worked.push(`${key} failed ${failures}`),
    isPermanent: (error) => error instanceof RangeError,
    onDropped: (_error, key) => worked.push(`${key} dropped`),
    work: (item) =>
      new Promise((resolve, reject) => {
        worked.push(item)
        running.push({
          item,
          end: resolve,
          fail: () => reject(new Error('no')),
          refuse: () => reject(new RangeError('never')),
        })
      }),
  })
  const finish = async (how: 'end' | 'fail' | 'refuse' = 'end') => {
    running.shift()?.[how]()
    await settle()
  }
  return { queue, worked, finish, running, pauses }
}

describe('a queue of the latest', () => {
  it('works on the newest item of a key only, and never twice at once', async () => {
    const { queue, worked, finish, running } = aQueue()
    for (const item of ['a1', 'a2', 'a3']) queue.put('a', item)
    expect(running).toHaveLength(1)
    await finish()
    expect(worked).toEqual(['a1', 'a3'])
  })

  it('works on as many keys at once as it has workers', async () => {
    const { queue, running, finish } = aQueue({ workers: 2 })
    for (const key of ['a', 'b', 'c']) queue.put(key, key)
    expect(running.map(({ item }) => item)).toEqual(['a', 'b'])
    await finish()
    expect(running.map(({ item }) => item)).toEqual(['b', 'c'])
  })

  it('tries again what failed, for ever, after growing pauses', async () => {
    const { queue, worked, finish, pauses } = aQueue()
    queue.put('a', 'a1')
    for (const how of ['fail', 'fail', 'fail', 'fail', 'end'] as const) await finish(how)
    expect(worked.filter((each) => each === 'a1')).toHaveLength(5)
    expect(pauses).toEqual([100, 200, 300, 300])
  })

  it('drops what can never succeed, and tries what comes after it', async () => {
    const { queue, worked, finish, pauses } = aQueue()
    queue.put('a', 'a1')
    await finish('refuse')
    queue.put('a', 'a2')
    await finish()
    expect(worked).toEqual(['a1', 'a dropped', 'a2'])
    expect(pauses).toEqual([])
  })

  it('tries the newer item instead, when one has come', async () => {
    const { queue, worked, finish } = aQueue()
    queue.put('a', 'a1')
    queue.put('a', 'a2')
    await finish('fail')
    await finish()
    expect(worked).toEqual(['a1', 'a failed 1', 'a2'])
  })

  it('lets the others work while a key rests after a failure', async () => {
    const { queue, worked, finish } = aQueue({ workers: 1 })
    queue.put('a', 'a1')
    queue.put('b', 'b1')
    await finish('fail')
    expect(worked.slice(0, 3)).toEqual(['a1', 'a failed 1', 'b1'])
  })

  it('ends when its work in progress has ended, and drops what waits', async () => {
    const { queue, worked, finish } = aQueue({ workers: 1 })
    for (const key of ['a', 'b']) queue.put(key, key)
    let ended = false
    const ending = queue[Symbol.asyncDispose]().then(() => (ended = true))
    expect(ended).toBe(false)
    await finish()
    await ending
    queue.put('c', 'c')
    expect(worked).toEqual(['a'])
  })

  it('works on the last item of every key in the end, whatever fails', async () => {
    const puts = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), pause: fc.boolean() }), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(puts, fc.array(fc.boolean(), { maxLength: 10 }), async (steps, failing) => {
        const done = new Map<string, string>()
        const fails = [...failing]
        const queue = new LatestQueue<[string, string]>({
          workers: 2,
          backoff,
          rest: async () => undefined,
          onFailure: () => undefined,
          work: async ([key, item]) => {
            await Promise.resolve()
            if (fails.shift()) throw new Error('no')
            done.set(key, item)
          },
        })
        const last = new Map<string, string>()
        for (const [index, { key, pause }] of steps.entries()) {
          last.set(key, `${index}`)
          queue.put(key, [key, `${index}`])
          if (pause) await Promise.resolve()
        }
        await settle()
        await queue[Symbol.asyncDispose]()
        expect(Object.fromEntries(done)).toEqual(Object.fromEntries(last))
      }),
    )
  })
})
