import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { KubernetesError } from '../../platform/kubernetes/errors.ts'
import { silentLog } from '../../platform/log.ts'
import { electOver } from './elector.ts'
import { Lease } from './lease.ts'
import { createLeaseClaim, type LeaseClaimOptions } from './lease-claim.ts'

const key = { namespace: 'default', name: 'leader' }
const durationMs = 15_000
const renewDeadlineMs = 10_000
const retryMs = 2000
const callDeadlineMs = 5000

/** How one call goes: its effect comes after `effectMs` if at all, its answer after `answerMs`. */
type Weather = { effectMs: number; answerMs: number; lost: boolean }
const fair: Weather = { effectMs: 1, answerMs: 2, lost: false }

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Wakes early, as the platform's sleep does, but by the global timers, which the tests drive. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
  clearTimeout(timer)
}

/** One lease as an API server keeps it: a write succeeds over the version that it was read at only. */
function leaseServer() {
  let stored: Lease | undefined
  let version = 0

  function store(spec: unknown): Lease {
    version += 1
    const metadata = { ...key, uid: 'uid', resourceVersion: String(version), creationTimestamp: '2026-01-01T00:00:00Z' }
    stored = Lease.parse({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec })
    return stored
  }

  /** The server as one candidate reaches it. */
  function through(weather: () => Weather): LeaseClaimOptions['leases'] {
    async function call<T>(effect: () => T): Promise<T> {
      const { effectMs, answerMs, lost } = weather()
      const happened = wait(effectMs).then(effect)
      happened.catch(() => undefined)
      const answered = wait(answerMs).then(() => (lost ? new Promise<never>(() => undefined) : happened))
      const late = wait(callDeadlineMs).then(() => Promise.reject(new KubernetesError(0, 'DeadlineExceeded', 'late')))
      return Promise.race([answered, late])
    }
    const conflict = () => new KubernetesError(409, 'Conflict', 'changed')
    return {
      get: () => call(() => stored),
      create: ({ spec }) =>
        call(() => {
          if (stored) throw conflict()
          return store(spec)
        }),
      replace: ({ metadata, spec }) =>
        call(() => {
          if (stored?.metadata.resourceVersion !== metadata.resourceVersion) throw conflict()
          return store(spec)
        }),
    }
  }

  return { through, lease: () => stored }
}

function candidate(server: ReturnType<typeof leaseServer>, identity: string, weather: () => Weather = () => fair) {
  const leases = server.through(weather)
  const claim = createLeaseClaim({ leases, lease: key, identity, durationMs, clock: systemClock })
  const master: boolean[] = []
  const onChange = (leading: boolean) => void master.push(leading)
  const elector = electOver(claim, { renewDeadlineMs, retryMs, log: silentLog, onChange, sleep })
  const stop = new AbortController()
  const terms: { beganAtMs: number; toldAtMs?: number }[] = []

  /** A leader that stops `stopMs` after it was told to. */
  function start({ stopMs = 0 } = {}) {
    return elector.run(async (signal) => {
      const term: (typeof terms)[number] = { beganAtMs: performance.now() }
      terms.push(term)
      await sleep(1e9, signal)
      term.toldAtMs = performance.now()
      if (stopMs > 0) await wait(stopMs)
    }, stop.signal)
  }
  return { ...elector, start, stop, terms, master }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.clearAllTimers()
  vi.useRealTimers()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('of two candidates', () => {
  it('one leads, and the lease says who', async () => {
    const server = leaseServer()
    const [one, two] = [candidate(server, 'one'), candidate(server, 'two')]
    void one.start()
    await pass(10)
    void two.start()
    await pass(60_000)
    expect([one.isLeading(), two.isLeading()]).toEqual([true, false])
    expect(server.lease()?.spec).toMatchObject({ holderIdentity: 'one', leaseDurationSeconds: 15, leaseTransitions: 0 })
    expect(server.lease()?.spec.renewTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  })

  it('the other leads within one retry after a clean stop', async () => {
    const server = leaseServer()
    const [one, two] = [candidate(server, 'one'), candidate(server, 'two')]
    const running = one.start()
    await pass(10)
    void two.start()
    await pass(30_000)
    one.stop.abort()
    await pass(10)
    await running
    expect(server.lease()?.spec.holderIdentity).toBe('')
    await pass(retryMs)
    expect([one.isLeading(), two.isLeading()]).toEqual([false, true])
    expect(server.lease()?.spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1 })
    expect(one.master).toEqual([true, false])
  })

  it('the other takes over within duration and retry when the leader dies', async () => {
    const server = leaseServer()
    let alive = true
    const one = candidate(server, 'one', () => (alive ? fair : { effectMs: 1e9, answerMs: 1e9, lost: true }))
    const two = candidate(server, 'two')
    void one.start()
    await pass(10)
    void two.start()
    await pass(30_000)
    alive = false
    await pass(durationMs + retryMs + 100)
    expect(two.isLeading()).toBe(true)
    // And the dead one, that was only cut off, had stopped before.
    expect(one.isLeading()).toBe(false)
    expect(one.terms[0]?.toldAtMs).toBeLessThan(two.terms[0]?.beganAtMs ?? 0)
  })
})

describe('a leader', () => {
  it('keeps its lease while it is still finishing, and gives it back only then', async () => {
    const server = leaseServer()
    const [one, two] = [candidate(server, 'one'), candidate(server, 'two')]
    const running = one.start({ stopMs: 40_000 })
    await pass(10)
    void two.start()
    await pass(5000)
    one.stop.abort()
    await pass(39_000)
    expect([one.isLeading(), two.isLeading()]).toEqual([true, false])
    await pass(1500 + retryMs)
    await running
    expect([one.isLeading(), two.isLeading()]).toEqual([false, true])
  })

  it('campaigns again after it lost the lease', async () => {
    const server = leaseServer()
    let weather = fair
    const one = candidate(server, 'one', () => weather)
    void one.start()
    await pass(5000)
    weather = { ...fair, lost: true }
    await pass(renewDeadlineMs + 100)
    expect(one.isLeading()).toBe(false)
    weather = fair
    await pass(callDeadlineMs + 2 * retryMs)
    expect(one.isLeading()).toBe(true)
    expect(one.terms).toHaveLength(2)
    expect(server.lease()?.spec.leaseTransitions).toBe(0)
  })

  it('takes up its own lease at once when it comes back under its name', async () => {
    const server = leaseServer()
    void candidate(server, 'one').start()
    await pass(5000)
    vi.clearAllTimers()
    const again = candidate(server, 'one')
    void again.start()
    await pass(10)
    expect(again.isLeading()).toBe(true)
  })

  it('stops when another has taken the lease by force', async () => {
    const server = leaseServer()
    const one = candidate(server, 'one')
    void one.start()
    await pass(1000)
    const lease = server.lease()
    if (!lease) throw new Error('no lease')
    void server
      .through(() => fair)
      .replace({ ...lease, spec: { ...lease.spec, holderIdentity: 'thief' } }, { fieldManager: 'x' })
    await pass(retryMs + 100)
    expect(one.isLeading()).toBe(false)
    expect(one.terms[0]?.toldAtMs).toBeDefined()
  })

  it('that fails gives the lease back and says why', async () => {
    const server = leaseServer()
    const claim = createLeaseClaim({
      leases: server.through(() => fair),
      lease: key,
      identity: 'one',
      durationMs,
      clock: systemClock,
    })
    const elector = electOver(claim, { renewDeadlineMs, retryMs, log: silentLog, onChange: () => undefined, sleep })
    const running = Promise.allSettled([
      elector.run(async () => Promise.reject(new Error('broken')), new AbortController().signal),
    ])
    await pass(100)
    expect(await running).toMatchObject([{ status: 'rejected', reason: { message: 'broken' } }])
    expect(server.lease()?.spec.holderIdentity).toBe('')
  })

  it('that throws because it was told to stop has not failed', async () => {
    const server = leaseServer()
    const claim = createLeaseClaim({
      leases: server.through(() => fair),
      lease: key,
      identity: 'one',
      durationMs,
      clock: systemClock,
    })
    const elector = electOver(claim, { renewDeadlineMs, retryMs, log: silentLog, onChange: () => undefined, sleep })
    const stop = new AbortController()
    const running = elector.run(async (signal) => {
      await sleep(1e9, signal)
      signal.throwIfAborted()
    }, stop.signal)
    await pass(100)
    stop.abort()
    await pass(100)
    await expect(running).resolves.toBeUndefined()
  })
})

const weather: fc.Arbitrary<Weather> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(fair) },
  {
    weight: 2,
    arbitrary: fc.record({
      effectMs: fc.integer({ min: 0, max: 20_000 }),
      answerMs: fc.integer({ min: 0, max: 9000 }),
      lost: fc.boolean(),
    }),
  },
)
const forecast = fc.array(weather, { minLength: 1, maxLength: 30 })

describe('whatever the network does', () => {
  it('there are never two leaders, and there is one again soon after it is well', async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(forecast, forecast, forecast), async (forecasts) => {
        const server = leaseServer()
        let stormy = true
        const all = forecasts.map((days, index) => {
          let day = 0
          return candidate(server, `candidate-${index}`, () => (stormy && days[day++ % days.length]) || fair)
        })
        all.forEach((each) => void each.start())
        const leaders = () => all.filter((each) => each.isLeading()).length
        for (let elapsedMs = 0; elapsedMs < 120_000; elapsedMs += 250) {
          await pass(250)
          expect(leaders()).toBeLessThanOrEqual(1)
        }
        stormy = false
        // What was sent in the storm may still arrive and renew a lease that nobody lives by any more.
        await pass(20_000 + durationMs + callDeadlineMs + 2 * retryMs)
        expect(leaders()).toBe(1)
        all.forEach((each) => each.stop.abort())
        await pass(callDeadlineMs + 100)
      }),
      { numRuns: 20 },
    )
  })
})
