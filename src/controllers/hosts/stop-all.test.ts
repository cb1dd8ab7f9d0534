import { describe, expect, it } from 'vitest'
import type { EngineEntry, GameRef } from './port.ts'
import { stopAllEngines } from './stop-all.ts'

const engine = (name: string, state: EngineEntry['state'] = 'running'): EngineEntry => ({
  game: { namespace: 'default', name, uid: name },
  ref: `process/${name}`,
  state,
})

/** Ends what it is asked to, but for those of the games in `stubborn`. */
function aHost(engines: readonly EngineEntry[], stubborn: readonly string[] = []) {
  const ended: string[] = []
  const stop = async ({ name }: GameRef) => {
    if (stubborn.includes(name)) throw new Error('does not end')
    ended.push(name)
  }
  return { ended, stopping: () => stopAllEngines({ list: async () => engines, stop }) }
}

describe('the end of all engines', () => {
  it('is that of those that run or are on their way', async () => {
    const { ended, stopping } = aHost([engine('a'), engine('b', 'starting'), engine('c', 'exited')])
    await stopping()
    expect(ended).toEqual(['a', 'b'])
  })

  it('names those that cannot be ended, and ends the others', async () => {
    const { ended, stopping } = aHost([engine('a'), engine('b'), engine('c')], ['a', 'c'])
    await expect(stopping()).rejects.toMatchObject({
      failure: 'HostUnavailable',
      message:
        'engines may still run: process/a of game default/a (does not end), process/c of game default/c (does not end)',
    })
    expect(ended).toEqual(['b'])
  })

  it('names ten of many, and counts the rest', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `game-${index}`)
    const { stopping } = aHost(
      names.map((name) => engine(name)),
      names,
    )
    await expect(stopping()).rejects.toThrow(/game-9 \(does not end\), and 2 more$/)
  })

  it('says so when nobody knows which there are', async () => {
    const list = () => Promise.reject(new Error('the daemon is away'))
    const stopping = stopAllEngines({ list, stop: async () => undefined })
    await expect(stopping).rejects.toThrow('engines may still run, and nobody can say which: the daemon is away')
  })
})
