import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../platform/metrics.ts'
import { Refusal } from '../../platform/errors.ts'
import { aGateway, aRequest } from './fixtures.ts'
import { createOverload, createOverloadJudge } from './overload.ts'

const onTime = { elapsedMs: 100, delayMs: 0, utilization: 0.5 }
const blocked = { elapsedMs: 2100, delayMs: 2000, utilization: 1 }
const busy = { elapsedMs: 100, delayMs: 50, utilization: 1 }

/** Keeps so many calls waiting; how many were let in. */
function enter(judge: ReturnType<typeof createOverloadJudge>, calls: number) {
  return Array.from({ length: calls }, () => judge.enter()).filter((call) => call !== undefined)
}

/** A loop that has been saturated for ten seconds while it got `perSecond` calls done. */
function aBusyJudge(perSecond: number) {
  const judge = createOverloadJudge()
  for (let beat = 0; beat < 100; beat += 1) {
    for (const call of enter(judge, perSecond / 10)) call[Symbol.dispose]()
    judge.beat(busy)
  }
  return judge
}

describe('load shedding', () => {
  it('lets everything in while the event loop keeps up, however many calls wait for something else', () => {
    const judge = createOverloadJudge()
    for (let second = 0; second < 10; second += 1) {
      expect(enter(judge, 1000)).toHaveLength(1000)
      judge.beat(onTime)
    }
  })

  it('lets calls in after a single pause, and not while the event loop stays late', () => {
    const judge = createOverloadJudge()
    for (const beat of [blocked, onTime, blocked, blocked]) judge.beat(beat)
    expect(judge.enter()).toBeDefined()
    judge.beat(blocked)
    expect(judge.enter()).toBeUndefined()
    judge.beat(onTime)
    expect(judge.enter()).toBeDefined()
  })

  it('lets in what a saturated process gets done before clients give up', () => {
    expect(enter(aBusyJudge(100), 5000)).toHaveLength(800)
    expect(enter(aBusyJudge(500), 5000)).toHaveLength(4000)
  })

  it('lets calls in again as soon as others are done', () => {
    const judge = aBusyJudge(100)
    const calls = enter(judge, 5000)
    for (const call of calls.slice(0, 100)) call[Symbol.dispose]()
    expect(enter(judge, 5000)).toHaveLength(100)
  })

  it('lets 200 calls at once in right after the start, of a process with next to no CPU', () => {
    const judge = createOverloadJudge()
    judge.enter()?.[Symbol.dispose]()
    judge.beat(busy)
    for (let beat = 0; beat < 30; beat += 1) judge.beat(busy)
    expect(enter(judge, 200)).toHaveLength(200)
  })

  it('refuses with a code and retry information, counts it, and ends with the overload', async () => {
    const metrics = createMetrics({ runtime: false })
    using overload = createOverload({ metrics })
    // Each pause is longer than what is still on time, and the beats in between run.
    const outcome = async () => {
      const endMs = performance.now() + 1300
      while (performance.now() < endMs);
      await new Promise((resolve) => setTimeout(resolve, 1))
      return refusalOf(() => overload.admit())
    }
    await expect.poll(outcome).toMatchObject({
      kind: 'unavailable',
      reason: 'overloaded',
      details: { retry_after_ms: 1000 },
    })
    expect(await metrics.metrics()).toContain('gateway_calls_shed_total 1')
    await expect.poll(() => refusalOf(() => overload.admit())).toBeUndefined()
  })
})

describe('a call', () => {
  const shedding = {
    admit: () => {
      throw new Refusal('unavailable', 'overloaded', 'no')
    },
  }

  it('that is shed costs nothing: it is refused before every stage', async () => {
    let reserved = 0
    const replay = {
      reserve: async () => {
        reserved += 1
        return 'reserved' as const
      },
    }
    const gateway = aGateway({ overload: shedding, replay })
    await expect(gateway.authenticate(aRequest({ requestId: 'short' }))).rejects.toMatchObject({ reason: 'overloaded' })
    expect({ asked: gateway.asked, reserved }).toEqual({ asked: [], reserved: 0 })
  })

  it('waits until it is reserved or refused', async () => {
    let waiting = 0
    const admit = () => {
      waiting += 1
      return { [Symbol.dispose]: () => void (waiting -= 1) }
    }
    const gateway = aGateway({ overload: { admit } })
    await gateway.authenticate(aRequest())
    await expect(gateway.authenticate(aRequest({ requestId: 'short' }))).rejects.toThrow(Refusal)
    expect(waiting).toBe(0)
  })
})

function refusalOf(work: () => Disposable): unknown {
  try {
    work()[Symbol.dispose]()
    return undefined
  } catch (error) {
    return error
  }
}
