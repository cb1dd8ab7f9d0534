import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../platform/metrics.ts'
import { createReplayHealth } from './replay-health.ts'

function aHealth() {
  const lines: { level: number; msg: string; reason?: string }[] = []
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const metrics = createMetrics({ runtime: false })
  let nowMs = 0
  const health = createReplayHealth({ log, metrics, nowMs: () => nowMs })
  return { ...health, lines, metrics, passMs: (ms: number) => (nowMs += ms) }
}

const oom = Object.assign(new Error('OOM command not allowed'), { name: 'ReplyError' })

describe('the health of a replay store', () => {
  it('tells an outage once when it starts and once when it ends, with reason and length', async () => {
    const health = aHealth()
    health.probed(0)
    for (let call = 0; call < 50; call += 1) health.refused(oom)
    health.failed(oom)
    health.passMs(12_300)
    health.probed(0)
    health.probed(0)
    expect(health.lines).toEqual([
      expect.objectContaining({ level: 40, reason: 'OOM', msg: expect.stringContaining('maxmemory') }),
      expect.objectContaining({ level: 30, reason: 'OOM', seconds: 12.3, refusals: 50 }),
    ])
    expect(await health.metrics.metrics()).toContain('gateway_replay_store_refusals_total{reason="OOM"} 50')
  })

  it('follows the outcome of the last reservation', () => {
    const health = aHealth()
    expect(health.isUp()).toBe(false)
    health.probed(0)
    expect(health.isUp()).toBe(true)
    health.refused(oom)
    expect(health.isUp()).toBe(false)
    health.answered()
    expect(health.isUp()).toBe(true)
  })

  it('is silent between two failures of a store that fails now and then', () => {
    const health = aHealth()
    for (let second = 0; second < 20; second += 1) {
      health.refused(oom)
      health.answered()
      health.probed(0)
    }
    expect(health.lines).toHaveLength(1)
  })

  it('never repeats what a command was sent with', () => {
    const health = aHealth()
    const command = { name: 'auth', args: ['default', 'secret-word'] }
    health.failed(Object.assign(new Error('WRONGPASS invalid password'), { name: 'ReplyError', command }))
    expect(JSON.stringify(health.lines)).not.toContain('secret-word')
  })
})
