import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createElector } from '../../src/controllers/operator/index.ts'
import { systemClock } from '../../src/platform/clock.ts'
import type { KubeConfig } from '../../src/platform/kubernetes/client.ts'
import { silentLog } from '../../src/platform/log.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { startCable, startServer } from './server.ts'

const times = { durationMs: 2000, renewDeadlineMs: 1200, retryMs: 300 }
/** What a busy machine may add to any of these. */
const slackMs = 700

function candidate(config: KubeConfig, identity: string) {
  const metrics = createMetrics({ runtime: false })
  const lease = { namespace: 'default', name: 'leader' }
  const elector = createElector({ config, lease, identity, ...times, clock: systemClock, log: silentLog, metrics })
  const stop = new AbortController()
  const terms: { beganAtMs: number; toldAtMs?: number }[] = []
  const ended = elector.run(async (signal) => {
    const term: (typeof terms)[number] = { beganAtMs: performance.now() }
    terms.push(term)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    term.toldAtMs = performance.now()
  }, stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await ended
  })
  const master = async () => (await metrics.metrics()).match(/leader_election_master_status\{name="leader"\} (\d)/)?.[1]
  return { ...elector, stop, ended, terms, master }
}

async function untilLeading(each: ReturnType<typeof candidate>): Promise<void> {
  await vi.waitFor(() => expect(each.isLeading()).toBe(true), { timeout: 20_000, interval: 5 })
}

describe('two candidates for one lease', () => {
  it('have one leader, and the other follows within one retry of a clean stop', async () => {
    const { config } = await startServer()
    const all = [candidate(config, 'one'), candidate(config, 'two')]
    await vi.waitFor(() => expect(all.some((each) => each.isLeading())).toBe(true), { timeout: 20_000, interval: 5 })
    await new Promise((resolve) => setTimeout(resolve, 3 * times.retryMs))
    const [leader, other] = all.toSorted((a, b) => Number(b.isLeading()) - Number(a.isLeading()))
    expect([leader?.isLeading(), other?.isLeading()]).toEqual([true, false])
    expect([await leader?.master(), await other?.master()]).toEqual(['1', '0'])
    const stoppedAtMs = performance.now()
    leader?.stop.abort()
    await leader?.ended
    if (other) await untilLeading(other)
    expect((other?.terms[0]?.beganAtMs ?? 0) - stoppedAtMs).toBeLessThan(times.retryMs + slackMs)
    expect(leader?.terms[0]?.toldAtMs).toBeLessThan(other?.terms[0]?.beganAtMs ?? 0)
  })

  it('never lead both when the leader is cut off: it stops first, and the other follows in time', async () => {
    const { url, config } = await startServer()
    const cable = await startCable(url)
    const leader = candidate(cable.config, 'one')
    await untilLeading(leader)
    const other = candidate(config, 'two')
    await new Promise((resolve) => setTimeout(resolve, times.retryMs))
    const cutAtMs = performance.now()
    cable.cut()
    await untilLeading(other)
    const toldAtMs = leader.terms[0]?.toldAtMs ?? Number.NaN
    const beganAtMs = other.terms[0]?.beganAtMs ?? Number.NaN
    expect(leader.isLeading()).toBe(false)
    expect(toldAtMs - cutAtMs).toBeLessThan(times.renewDeadlineMs + slackMs)
    expect(beganAtMs).toBeGreaterThan(toldAtMs)
    expect(beganAtMs - cutAtMs).toBeLessThan(times.durationMs + times.retryMs + slackMs)
  })

  it('keep their leader while the server restarts quickly', async () => {
    const server = await startServer()
    const leader = candidate(server.config, 'one')
    await untilLeading(leader)
    const other = candidate(server.config, 'two')
    await server.stop()
    await server.start()
    await new Promise((resolve) => setTimeout(resolve, times.durationMs))
    expect([leader.isLeading(), other.isLeading(), leader.terms.length]).toEqual([true, false, 1])
  })
})
