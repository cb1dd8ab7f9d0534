import { describe, expect, it } from 'vitest'
import { botOrders } from './bot.fixture.ts'
import { createWorld } from './galaxy.ts'
import type { World } from './model.ts'
import { rejectedOrders } from './obey.ts'
import type { Report } from './report.ts'
import { readGameSettings } from './settings.ts'
import { generateTurn, reportAll } from './turn.ts'

const names = ['Terrans', 'Vegans', 'Rigelians', 'Mizarians']

type Played = { world: World; reports: { raceName: string; report: Report }[]; history: string[] }

/** Plays until the game is finished; `bots` play, the others sleep. */
function play(races: readonly string[], bots: readonly string[], settings: object): Played {
  let world = createWorld({ gameId: 'game', raceNames: races, settings: readGameSettings(settings) })
  let reports = reportAll(world)
  const history: string[] = []
  while (!world.result && world.turn < 200) {
    const orders = bots.flatMap((raceName) => {
      const own = reports.find((each) => each.raceName === raceName)
      return own && own.report.rules.ordersAccepted ? [{ raceName, orders: botOrders(own.report) }] : []
    })
    for (const { raceName, orders: given } of orders) {
      const race = world.races.find(({ name }) => name === raceName)
      if (race) expect(rejectedOrders(world, race, given), `turn ${world.turn}`).toEqual([])
    }
    ;({ world, reports } = generateTurn(world, { orders, banished: [] }))
    history.push(JSON.stringify({ world, reports }))
  }
  return { world, reports, history }
}

describe('a whole game', () => {
  it.each([
    [2, 'tiny', 1],
    [2, 'small', 2],
    [3, 'small', 3],
    [4, 'small', 4],
    [4, 'tiny', 5],
  ] as const)('is won by the one of %i who plays, in a %s galaxy of seed %i', (players, size, seed) => {
    const { world, reports } = play(names.slice(0, players), ['Terrans'], { size, seed })
    expect(world.result).toMatchObject({ winner: 'Terrans' })
    expect(['planets', 'last_race_standing']).toContain(world.result?.reason)
    expect(world.result?.standings[0]).toMatchObject({ raceName: 'Terrans', rank: 1 })
    for (const { report } of reports) expect(report).toMatchObject({ finished: true, result: world.result })
  })

  it('between players who all attack comes to an end, with battles on the way', () => {
    const { world, history } = play(names, names, { size: 'tiny', seed: 6, maxTurns: 60 })
    expect(world.result).toBeDefined()
    expect(history.some((turn) => !turn.includes('"battles":[]'))).toBe(true)
  })

  it('of the same seed and orders is the same to the last byte', () => {
    const settings = { size: 'tiny', seed: 'once more', maxTurns: 25 }
    expect(play(names, names, settings).history).toEqual(play(names, names, settings).history)
  })

  it('of another seed is another game', () => {
    const [a, b] = [1, 2].map((seed) => play(names, [], { seed, maxTurns: 1 }).history[0])
    expect(a).not.toBe(b)
  })

  it('that nobody wins goes to the best score at its last turn', () => {
    const { world } = play(names.slice(0, 2), ['Vegans'], { size: 'large', seed: 7, maxTurns: 5 })
    expect(world.result).toMatchObject({ winner: 'Vegans', reason: 'score', turn: 5 })
    expect(play(names, [], { maxTurns: 3 }).world.result).toMatchObject({ winner: null, reason: 'score', turn: 3 })
  })
})
