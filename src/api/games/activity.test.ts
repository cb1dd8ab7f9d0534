import { describe, expect, it } from 'vitest'
import { silentLog } from '../../platform/log.ts'
import { createActivityReports } from './activity.ts'
import { aGame, gameUid } from './fixtures.ts'

/** Reports of calls, and a clock. */
function reports({ fails = false } = {}) {
  const told: string[] = []
  let nowMs = Date.parse('2026-03-01T12:00:00Z')
  const called = createActivityReports({
    controller: {
      reportActivity: async ({ name }) => {
        told.push(name)
        if (fails) throw new Error('nobody is there')
      },
    },
    clock: { now: () => new Date(nowMs) },
    log: silentLog,
  })
  return { told, called, tick: (ms: number) => (nowMs += ms) }
}

const playing = (idleAfter: string, name = 'andromeda') =>
  aGame({
    metadata: { name, uid: name === 'andromeda' ? gameUid : gameUid.replace('9', '8') },
    spec: { hibernation: { idleAfter } },
  })

describe('calls of players', () => {
  it('are told of at most once a minute for each game', () => {
    const { told, called, tick } = reports()
    for (const name of ['andromeda', 'beta', 'andromeda']) called(playing('15m', name))
    tick(59_999)
    called(playing('15m'))
    expect(told).toEqual(['andromeda', 'beta'])
    tick(1)
    called(playing('15m'))
    expect(told).toEqual(['andromeda', 'beta', 'andromeda'])
  })

  it('are told of often enough for a short idle time', () => {
    const { told, called, tick } = reports()
    called(playing('30s'))
    tick(10_000)
    called(playing('30s'))
    expect(told).toHaveLength(2)
  })

  it('are not told of for games that never sleep', () => {
    const { told, called } = reports()
    called(aGame())
    expect(told).toEqual([])
  })

  it('are told of again soon when nobody heard, and not with every call', async () => {
    const { told, called, tick } = reports({ fails: true })
    called(playing('15m'))
    await new Promise((resolve) => setImmediate(resolve))
    called(playing('15m'))
    expect(told).toHaveLength(1)
    tick(5000)
    called(playing('15m'))
    expect(told).toHaveLength(2)
  })
})
