import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { createMetrics } from '../../platform/metrics.ts'
import { createWorkQueue } from './work-queue.ts'

const backoff = { baseMs: 100, maxMs: 1000 }

function newQueue(metrics = createMetrics({ runtime: false })) {
  return createWorkQueue<string>({ name: 'test', metrics, clock: systemClock, backoff })
}

/** What a worker that comes now gets, without waiting. */
async function takeNow(queue: ReturnType<typeof newQueue>): Promise<string | undefined> {
  return queue.size() > 0 ? queue.take() : undefined
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a work queue', () => {
  it('hands out keys in order, each once however often it was added', async () => {
    const queue = newQueue()
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key)
    expect([await takeNow(queue), await takeNow(queue), await takeNow(queue), await takeNow(queue)]).toEqual([
      'a',
      'b',
      'c',
      undefined,
    ])
  })

  it('holds back a key that is worked on, and hands it out again afterwards', async () => {
    const queue = newQueue()
    queue.add('a')
    expect(await queue.take()).toBe('a')
    queue.add('a')
    queue.add('a')
    expect(queue.size()).toBe(0)
    queue.done('a')
    expect(await takeNow(queue)).toBe('a')
    queue.done('a')
    expect(queue.size()).toBe(0)
  })

  it('wakes as many workers as there are keys', async () => {
    const queue = newQueue()
    const taken: (string | undefined)[] = []
    for (let i = 0; i < 3; i += 1) void queue.take().then((key) => taken.push(key))
    queue.add('a')
    queue.add('b')
    await vi.advanceTimersByTimeAsync(0)
    expect(taken).toEqual(['a', 'b'])
    queue.add('c')
    await vi.advanceTimersByTimeAsync(0)
    expect(taken).toEqual(['a', 'b', 'c'])
  })

  it('passes a key on when the worker that it woke is told to stop', async () => {
    const queue = newQueue()
    const stop = new AbortController()
    const stopped = queue.take(stop.signal)
    const other = queue.take()
    queue.add('a')
    stop.abort()
    expect(await stopped).toBeUndefined()
    expect(await other).toBe('a')
  })

  it('gives nothing to a worker that was told to stop', async () => {
    const queue = newQueue()
    queue.add('a')
    expect(await queue.take(AbortSignal.abort())).toBeUndefined()
    expect(queue.size()).toBe(1)
  })

  it.each([
    { added: [50, 20], comesAtMs: 20 },
    { added: [20, 50], comesAtMs: 20 },
    { added: [20_000], comesAtMs: 20_000 },
    { added: [86_400_000], comesAtMs: 86_400_000 },
  ])('hands out a key added after $added ms once, after $comesAtMs ms', async ({ added, comesAtMs }) => {
    const queue = newQueue()
    for (const afterMs of added) queue.addAfter('a', afterMs)
    await vi.advanceTimersByTimeAsync(comesAtMs - 1)
    expect(queue.size()).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(await takeNow(queue)).toBe('a')
    queue.done('a')
    await vi.advanceTimersByTimeAsync(100)
    expect(queue.size()).toBe(0)
  })

  it.each([0, -5, Number.NaN])('hands out a key added after %s ms at once', async (afterMs) => {
    const queue = newQueue()
    queue.addAfter('a', afterMs)
    expect(await takeNow(queue)).toBe('a')
  })

  it('notices within seconds that the clock was set forward', async () => {
    let now = new Date(0)
    const queue = createWorkQueue<string>({
      name: 'test',
      metrics: createMetrics({ runtime: false }),
      clock: { now: () => now },
    })
    queue.addAfter('a', 3_600_000)
    now = new Date(3_600_000)
    await vi.advanceTimersByTimeAsync(15_000)
    expect(queue.size()).toBe(1)
  })

  it.each([-43_200_000, 43_200_000])(
    'hands out its keys within seconds when the clock is set by %d ms',
    async (setByMs) => {
      let offsetMs = 0
      const clock = { now: () => new Date(Date.now() + offsetMs) }
      const queue = createWorkQueue<string>({ name: 'test', metrics: createMetrics({ runtime: false }), clock })
      queue.addAfter('soon', 1000)
      queue.addAfter('late', 3_600_000)
      offsetMs = setByMs
      await vi.advanceTimersByTimeAsync(15_000)
      expect([await takeNow(queue), await takeNow(queue), queue.size()]).toEqual(['soon', 'late', 0])
      for (const key of ['soon', 'late']) queue.done(key)
      queue.addAfter('soon', 1000)
      queue.addAfter('late', 60_000)
      await vi.advanceTimersByTimeAsync(30_000)
      expect([await takeNow(queue), queue.size()]).toEqual(['soon', 0])
    },
  )

  it('backs off for each key by itself, up to a limit, until it is forgotten', async () => {
    const queue = newQueue()
    const waits: number[] = []
    for (let failure = 1; failure <= 6; failure += 1) {
      queue.addRateLimited('a')
      expect(queue.retries('a')).toBe(failure)
      const startedAt = Date.now()
      while (queue.size() === 0) await vi.advanceTimersByTimeAsync(1)
      waits.push(Date.now() - startedAt)
      queue.done((await queue.take()) ?? '')
    }
    const full = [100, 200, 400, 800, 1000, 1000]
    waits.forEach((wait, index) => {
      expect(wait).toBeGreaterThanOrEqual((full[index] ?? 0) / 2)
      expect(wait).toBeLessThanOrEqual((full[index] ?? 0) + 1)
    })
    expect(queue.retries('b')).toBe(0)
    queue.forget('a')
    expect(queue.retries('a')).toBe(0)
  })

  it('shuts down after what waits was handed out and is done', async () => {
    const queue = newQueue()
    queue.add('a')
    queue.addAfter('later', 10)
    queue.shutDown()
    queue.add('b')
    let drained = false
    void queue.drained().then(() => (drained = true))
    expect(await queue.take()).toBe('a')
    expect(await queue.take()).toBeUndefined()
    await vi.advanceTimersByTimeAsync(100)
    expect(drained).toBe(false)
    queue.done('a')
    await vi.advanceTimersByTimeAsync(0)
    expect(drained).toBe(true)
    expect(queue.size()).toBe(0)
  })

  it('lets waiting workers go when it shuts down', async () => {
    const queue = newQueue()
    const waiting = queue.take()
    queue.shutDown()
    expect(await waiting).toBeUndefined()
  })

  it('leaves no listeners on a signal that lasts', async () => {
    const queue = newQueue()
    const stop = new AbortController()
    const remove = vi.spyOn(stop.signal, 'removeEventListener')
    for (let i = 0; i < 3; i += 1) {
      const taken = queue.take(stop.signal)
      queue.add('a')
      queue.done((await taken) ?? '')
    }
    expect(remove).toHaveBeenCalledTimes(3)
  })

  it('forgets what waits or comes later when it is cleared, and not what is worked on', async () => {
    const metrics = createMetrics({ runtime: false })
    const queue = newQueue(metrics)
    for (const key of ['busy', 'waits']) queue.add(key)
    await queue.take()
    queue.add('busy')
    queue.addAfter('later', 10)
    queue.addRateLimited('failed')
    queue.clear()
    await vi.advanceTimersByTimeAsync(5000)
    expect([queue.size(), queue.retries('failed')]).toEqual([0, 0])
    expect(await metrics.metrics()).toContain('workqueue_depth{name="test",controller="test"} 0')
    queue.done('busy')
    expect(queue.size()).toBe(0)
    queue.addAfter('waits', 10)
    await vi.advanceTimersByTimeAsync(10)
    expect(await takeNow(queue)).toBe('waits')
    // Nobody could have taken it meanwhile, so it has not waited.
    expect(await metrics.metrics()).toContain('workqueue_queue_duration_seconds_sum{name="test",controller="test"} 0')
  })

  it('measures what it does', async () => {
    const metrics = createMetrics({ runtime: false })
    const queue = newQueue(metrics)
    createWorkQueue<string>({ name: 'other', metrics, clock: systemClock })
    queue.add('a')
    queue.add('b')
    queue.add('b')
    await vi.advanceTimersByTimeAsync(2000)
    await queue.take()
    await queue.take()
    await vi.advanceTimersByTimeAsync(3000)
    queue.done('b')
    queue.addRateLimited('b')
    const text = await metrics.metrics()
    for (const line of [
      'workqueue_adds_total{name="test",controller="test"} 2',
      'workqueue_retries_total{name="test",controller="test"} 1',
      'workqueue_depth{name="test",controller="test"} 0',
      'workqueue_queue_duration_seconds_sum{name="test",controller="test"} 4',
      'workqueue_work_duration_seconds_sum{name="test",controller="test"} 3',
      'workqueue_unfinished_work_seconds{name="test",controller="test"} 3',
      'workqueue_longest_running_processor_seconds{name="test",controller="test"} 3',
      'workqueue_longest_running_processor_seconds{name="other",controller="other"} 0',
    ]) {
      expect(text).toContain(line)
    }
  })
})

type Step =
  | { do: 'add' | 'fail' | 'done'; key: string }
  | { do: 'addAfter'; key: string; afterMs: number }
  | { do: 'take' }
  | { do: 'wait'; ms: number }

const key = fc.constantFrom('a', 'b', 'c')
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('add' as const, 'fail' as const, 'done' as const), key }),
  fc.record({ do: fc.constant('addAfter' as const), key, afterMs: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 60 }) }),
)

describe('whatever is done with a work queue', () => {
  it('no key has two workers or comes unasked, and no addition is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const queue = newQueue()
        const working = new Set<string>()
        /** Keys added since they were last taken: each must still come. */
        const owed = new Set<string>()
        const balance = new Map<string, number>()

        async function take() {
          const taken = await takeNow(queue)
          if (taken === undefined) return
          expect(working.has(taken)).toBe(false)
          balance.set(taken, (balance.get(taken) ?? 0) - 1)
          expect(balance.get(taken)).toBeGreaterThanOrEqual(0)
          working.add(taken)
          owed.delete(taken)
        }
        const end = (done: string) => {
          queue.done(done)
          working.delete(done)
        }

        for (const each of steps) {
          if (each.do === 'take') await take()
          else if (each.do === 'wait') await vi.advanceTimersByTimeAsync(each.ms)
          else if (each.do === 'done') end(each.key)
          else {
            owed.add(each.key)
            balance.set(each.key, (balance.get(each.key) ?? 0) + 1)
            if (each.do === 'add') queue.add(each.key)
            if (each.do === 'fail') queue.addRateLimited(each.key)
            if (each.do === 'addAfter') queue.addAfter(each.key, each.afterMs)
          }
        }
        for (const busy of working) end(busy)
        for (let round = 0; round < 40 && owed.size > 0; round += 1) {
          await vi.advanceTimersByTimeAsync(100)
          while (queue.size() > 0) {
            const taken = await queue.take()
            owed.delete(taken ?? '')
            queue.done(taken ?? '')
          }
        }
        expect([...owed]).toEqual([])
      }),
      { numRuns: 150 },
    )
  })
})
