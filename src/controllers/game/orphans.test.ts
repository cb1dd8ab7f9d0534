import { describe, expect, it } from 'vitest'
import { silentLog } from '../../platform/log.ts'
import { aGame, anEngine } from './fixtures.ts'
import { createOrphanSweep } from './orphans.ts'

function aHost() {
  const engines = [anEngine(aGame())]
  const remove = async () => void engines.splice(0)
  return { engines, host: { list: async () => engines, remove } }
}

describe('the sweep of engines whose Game is gone', () => {
  it('removes one after the grace period, not before', async () => {
    const { engines, host } = aHost()
    let at = 0
    const sweep = createOrphanSweep({
      host,
      games: { list: () => [] },
      graceMs: 1000,
      now: () => new Date(at),
      log: silentLog,
    })
    await sweep()
    at = 999
    await sweep()
    expect(engines).toHaveLength(1)
    at = 1000
    await sweep()
    expect(engines).toHaveLength(0)
  })

  it('leaves engines whose Game exists alone', async () => {
    const { engines, host } = aHost()
    let at = 0
    const games = { list: () => [aGame()] }
    const sweep = createOrphanSweep({ host, games, graceMs: 0, now: () => new Date((at += 10_000)), log: silentLog })
    await sweep()
    await sweep()
    expect(engines).toHaveLength(1)
  })

  it('leaves engines of namespaces alone in which it looks for no Games', async () => {
    const { host, engines } = aHost()
    const games = { list: () => [] }
    let at = 0
    const now = () => new Date((at += 10_000))
    const sweep = createOrphanSweep({ host, games, namespaces: ['elsewhere'], graceMs: 0, now, log: silentLog })
    await sweep()
    await sweep()
    expect(engines).toHaveLength(1)
  })
})
