import { describe, expect, it } from 'vitest'
import { KubernetesError } from '../../platform/kubernetes/errors.ts'
import { silentLog } from '../../platform/log.ts'
import type { Game } from '../../resources/index.ts'
import { aGame, anEngine } from './fixtures.ts'
import { createOrphanSweep } from './orphans.ts'

function aHost() {
  const engines = [anEngine(aGame())]
  const remove = async () => void engines.splice(0)
  return { engines, host: { list: async () => engines, remove } }
}

const fetchGame = async () => undefined
const refused = (status: number, reason: string) => Promise.reject(new KubernetesError(status, reason, reason))

describe('the sweep of engines whose Game is gone', () => {
  it('removes one after the grace period, not before', async () => {
    const { engines, host } = aHost()
    let at = 0
    const sweep = createOrphanSweep({
      host,
      games: { list: () => [] },
      fetchGame: async () => undefined,
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
    const sweep = createOrphanSweep({
      host,
      games,
      fetchGame,
      graceMs: 0,
      now: () => new Date((at += 10_000)),
      log: silentLog,
    })
    await sweep()
    await sweep()
    expect(engines).toHaveLength(1)
  })

  it('leaves engines of namespaces alone in which it looks for no Games', async () => {
    const { host, engines } = aHost()
    const games = { list: () => [] }
    let at = 0
    const now = () => new Date((at += 10_000))
    const sweep = createOrphanSweep({
      host,
      games,
      fetchGame,
      namespaces: ['elsewhere'],
      graceMs: 0,
      now,
      log: silentLog,
    })
    await sweep()
    await sweep()
    expect(engines).toHaveLength(1)
  })

  it.each<{ answer: string; fetch: () => Promise<Game | undefined>; left: number }>([
    { answer: 'that it is there', fetch: async () => aGame(), left: 1 },
    { answer: 'that it cannot be read', fetch: () => refused(200, 'BadAnswer'), left: 1 },
    { answer: 'that nobody may know', fetch: () => refused(403, 'Forbidden'), left: 1 },
    { answer: 'nothing', fetch: () => refused(0, 'Unreachable'), left: 1 },
    { answer: 'that another has its name', fetch: async () => aGame({ metadata: { uid: 'uid-2' } }), left: 0 },
  ])('asks the API server before it removes one, and leaves $left when that says $answer', async ({ fetch, left }) => {
    const { host, engines } = aHost()
    const games = { list: () => [] }
    let at = 0
    const now = () => new Date((at += 10_000))
    const sweep = createOrphanSweep({ host, games, fetchGame: fetch, graceMs: 0, now, log: silentLog })
    await sweep()
    await sweep()
    expect(engines).toHaveLength(left)
  })
})
