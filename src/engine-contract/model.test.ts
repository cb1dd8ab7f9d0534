import { describe, expect, it } from 'vitest'
import { EngineDescription, EngineStatus } from './model.ts'

const statusWith = (player: object) => ({ initialized: true, turn: 3, finished: false, players: [player] })

describe('the status of an engine', () => {
  const read = (player: object) =>
    EngineStatus.parse(statusWith({ raceName: 'Blue', eliminated: false, ...player })).players[0]

  it('demands no word of one game of another', () => {
    expect(read({})).toEqual({ raceName: 'Blue', eliminated: false, stats: {} })
    expect(read({ stats: { coins: 5, 'hands won': 2.5 }, score: -3, ready: true })).toEqual({
      raceName: 'Blue',
      eliminated: false,
      score: -3,
      ready: true,
      stats: { coins: 5, 'hands won': 2.5 },
    })
  })

  it('takes planets and population beside stats for stats', () => {
    expect(read({ planets: 3, population: 1200.5 })?.stats).toEqual({ planets: 3, population: 1200.5 })
    expect(read({ planets: 3, stats: { planets: 4, coins: 1 } })?.stats).toEqual({ planets: 4, coins: 1 })
    expect(read({ planets: ['Mars'], population: null })?.stats).toEqual({})
  })

  it.each([{ coins: 'many' }, { coins: null }, { '': 1 }, [1], 'rich'])('refuses %j as stats', (stats) => {
    const parsed = EngineStatus.safeParse(statusWith({ raceName: 'Blue', eliminated: false, stats }))
    expect(parsed.error?.issues[0]?.path.slice(0, 3)).toEqual(['players', 0, 'stats'])
  })

  it('refuses more stats than anybody can read', () => {
    const stats = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`stat ${index}`, index]))
    expect(EngineStatus.safeParse(statusWith({ raceName: 'Blue', eliminated: false, stats })).success).toBe(false)
  })
})

describe('the description of an engine', () => {
  const least = { name: 'Auction', orders: {}, help: [], stats: [] }

  it('is a name, a schema of orders, help and titles', () => {
    expect(EngineDescription.parse({ ...least, colour: 'red' })).toEqual(least)
  })

  it.each([{ name: '' }, { orders: [] }, { help: [{ verb: 'bid' }] }, { stats: [{ name: 'coins' }] }])(
    'is refused with %j',
    (change) => {
      expect(EngineDescription.safeParse({ ...least, ...change }).success).toBe(false)
    },
  )
})
