import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { silentLog } from '../../platform/log.ts'
import { createMetrics } from '../../platform/metrics.ts'
import type { ObjectKey } from '../../platform/kubernetes/objects.ts'
import { createController } from './controller.ts'
import { type Reconcile, TerminalError } from './reconcile.ts'

const a = { namespace: 'default', name: 'a' }

function controllerOf(reconcile: Reconcile, { workers = 2 } = {}) {
  const metrics = createMetrics({ runtime: false })
  const backoff = { baseMs: 100, maxMs: 1000 }
  const controller = createController({
    name: 'game',
    workers,
    reconcile,
    metrics,
    log: silentLog,
    clock: systemClock,
    backoff,
  })
  const stop = new AbortController()
  const count = async (name: string, result?: string) => {
    const metric = await metrics.getSingleMetric(name)?.get()
    const value = metric?.values.find(({ labels }) => result === undefined || labels.result === result)?.value
    return value
  }
  const start = (...keys: ObjectKey[]) => controller.run(stop.signal, () => keys)
  return { ...controller, stop, count, start }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a controller', () => {
  it('reconciles everything that there is, and what is enqueued while it runs', async () => {
    const seen: unknown[] = []
    const controller = controllerOf(async (key) => {
      seen.push(key)
      return {}
    })
    const running = controller.start(a, { namespace: '', name: 'cluster-scoped' })
    await vi.advanceTimersByTimeAsync(0)
    controller.enqueueAfter({ namespace: 'x', name: 'b' }, 50)
    await vi.advanceTimersByTimeAsync(50)
    expect(seen).toEqual([a, { namespace: '', name: 'cluster-scoped' }, { namespace: 'x', name: 'b' }])
    expect(await controller.count('controller_runtime_reconcile_total', 'success')).toBe(3)
    controller.stop.abort()
    await running
  })

  it('looks again when it was asked to, and forgets earlier failures', async () => {
    const at: number[] = []
    const answers: (() => { requeueAfterMs?: number })[] = [
      () => {
        throw new Error('not yet')
      },
      () => ({ requeueAfterMs: 500 }),
      () => {
        throw new Error('again')
      },
      () => ({}),
    ]
    const controller = controllerOf(async () => {
      at.push(Date.now())
      return answers.shift()?.() ?? {}
    })
    void controller.start()
    controller.enqueue(a)
    await vi.advanceTimersByTimeAsync(2000)
    const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0))
    expect(waits[0]).toBeLessThanOrEqual(101)
    expect(waits[1]).toBe(500)
    expect(waits[2]).toBeLessThanOrEqual(101)
    expect(at).toHaveLength(4)
    expect(await controller.count('controller_runtime_reconcile_errors_total')).toBe(2)
    expect(await controller.count('controller_runtime_reconcile_total', 'error')).toBe(2)
    expect(await controller.count('controller_runtime_reconcile_total', 'requeue_after')).toBe(1)
    controller.stop.abort()
  })

  it('gives up after a terminal error, until the object changes', async () => {
    let passes = 0
    const controller = controllerOf(async () => {
      passes += 1
      throw new TerminalError('never')
    })
    void controller.start()
    controller.enqueue(a)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(passes).toBe(1)
    controller.enqueue(a)
    await vi.advanceTimersByTimeAsync(0)
    expect(passes).toBe(2)
    expect(await controller.count('controller_runtime_terminal_reconcile_errors_total')).toBe(2)
    controller.stop.abort()
  })

  it('works on many keys at once, on each by one worker', async () => {
    const busy = new Map<string, number>()
    let mostAtOnce = 0
    const controller = controllerOf(
      async ({ name }) => {
        busy.set(name, (busy.get(name) ?? 0) + 1)
        mostAtOnce = Math.max(mostAtOnce, busy.size)
        expect(busy.get(name)).toBe(1)
        await new Promise((resolve) => setTimeout(resolve, 10))
        busy.delete(name)
        return {}
      },
      { workers: 3 },
    )
    const running = controller.start()
    for (let i = 0; i < 50; i += 1) {
      controller.enqueue({ namespace: 'default', name: `game-${i % 5}` })
      await vi.advanceTimersByTimeAsync(3)
    }
    expect(await controller.count('controller_runtime_active_workers')).toBeGreaterThan(0)
    controller.stop.abort()
    await vi.advanceTimersByTimeAsync(10)
    await running
    expect(mostAtOnce).toBe(3)
    expect(await controller.count('controller_runtime_active_workers')).toBe(0)
    expect(await controller.count('controller_runtime_max_concurrent_reconciles')).toBe(3)
  })

  it('waits for passes in progress when told to stop, and goes on with their keys when it runs again', async () => {
    const log: string[] = []
    const controller = controllerOf(
      async ({ name }, signal) => {
        log.push(`${name} begins`)
        await new Promise((resolve) => setTimeout(resolve, 100))
        if (signal.aborted) throw new Error('cut short')
        log.push(`${name} ends`)
        return {}
      },
      { workers: 1 },
    )
    const running = controller.start()
    controller.enqueue(a)
    controller.enqueue({ namespace: 'default', name: 'b' })
    await vi.advanceTimersByTimeAsync(10)
    let ended = false
    void running.then(() => (ended = true))
    controller.stop.abort()
    await vi.advanceTimersByTimeAsync(50)
    expect(ended).toBe(false)
    await vi.advanceTimersByTimeAsync(50)
    expect(ended).toBe(true)
    expect(log).toEqual(['a begins'])
    expect(await controller.count('controller_runtime_reconcile_errors_total')).toBe(0)

    void controller.run(new AbortController().signal, () => [{ namespace: 'default', name: 'b' }])
    await vi.advanceTimersByTimeAsync(500)
    expect(log.slice(1)).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
  })

  it('keeps the key of a pass that was cut short through a run that came to nothing', async () => {
    const seen: string[] = []
    const controller = controllerOf(async ({ name }) => {
      seen.push(name)
      await new Promise((resolve) => setTimeout(resolve, 100))
      return {}
    })
    const first = controller.start(a)
    await vi.advanceTimersByTimeAsync(10)
    controller.stop.abort()
    await vi.advanceTimersByTimeAsync(100)
    await first
    await controller.start()
    void controller.run(new AbortController().signal, () => [])
    await vi.advanceTimersByTimeAsync(0)
    expect(seen).toEqual(['a', 'a'])
  })

  it('takes no keys while it does not run, and keeps none of those that come later', async () => {
    const seen: string[] = []
    const controller = controllerOf(
      async ({ name }) => {
        seen.push(name)
        if (name === 'hangs') await new Promise((resolve) => setTimeout(resolve, 1000))
        return { requeueAfterMs: 5000 }
      },
      { workers: 1 },
    )
    const named = (name: string) => ({ namespace: 'default', name })
    controller.enqueue(a)
    controller.interrupt(a)
    controller.enqueueAfter(a, 10)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await controller.count('workqueue_depth')).toBe(0)
    const running = controller.start(named('well'), named('hangs'), named('waits'))
    await vi.advanceTimersByTimeAsync(10)
    expect(await controller.count('workqueue_depth')).toBe(1)
    controller.stop.abort()
    await vi.advanceTimersByTimeAsync(1000)
    await running
    for (let i = 0; i < 100; i += 1) controller.enqueue(named(`other-${i}`))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await controller.count('workqueue_depth')).toBe(0)
    void controller.run(new AbortController().signal, () => [a])
    await vi.advanceTimersByTimeAsync(0)
    expect(seen).toEqual(['well', 'hangs', 'hangs'])
    await vi.advanceTimersByTimeAsync(1000)
    expect(seen).toEqual(['well', 'hangs', 'hangs', 'a'])
  })

  it('misses nothing that is enqueued while it looks at everything', async () => {
    const seen: string[] = []
    const controller = controllerOf(async ({ name }) => {
      seen.push(name)
      return {}
    })
    void controller.run(controller.stop.signal, () => {
      controller.enqueue({ namespace: 'default', name: 'just-changed' })
      return [a]
    })
    await vi.advanceTimersByTimeAsync(0)
    expect(seen.toSorted()).toEqual(['a', 'just-changed'])
    controller.stop.abort()
  })

  it('cuts a pass short that is interrupted, counts no failure, and looks again at once', async () => {
    const seen: string[] = []
    const controller = controllerOf(async ({ name }, signal) => {
      seen.push(`${name} begins`)
      if (seen.length > 2) return {}
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))))
      return {}
    })
    void controller.start()
    controller.enqueue(a)
    controller.enqueue({ namespace: 'default', name: 'b' })
    await vi.advanceTimersByTimeAsync(60_000)
    controller.interrupt(a)
    await vi.advanceTimersByTimeAsync(0)
    expect(seen).toEqual(['a begins', 'b begins', 'a begins'])
    expect(await controller.count('controller_runtime_reconcile_errors_total')).toBe(0)
    controller.stop.abort()
  })

  it('begins a pass over what is interrupted while nobody works on it', async () => {
    const cut: boolean[] = []
    const controller = controllerOf(async (_key, signal) => {
      cut.push(signal.aborted)
      return {}
    })
    void controller.start()
    for (let i = 0; i < 2; i += 1) {
      controller.interrupt(a)
      await vi.advanceTimersByTimeAsync(0)
    }
    expect(cut).toEqual([false, false])
    controller.stop.abort()
  })

  it('refuses to run twice at once', async () => {
    const controller = controllerOf(async () => ({}))
    void controller.start()
    await expect(controller.start()).rejects.toThrow(/runs already/)
    controller.stop.abort()
  })
})
