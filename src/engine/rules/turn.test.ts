import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { botOrders } from './bot.ts'
import { createWorld } from './galaxy.ts'
import { World } from './model.ts'
import { readGameSettings } from './settings.ts'
import { generateTurn, reportAll } from './turn.ts'

const names = ['Terrans', 'Vegans', 'Klackons', 'Zerks']

function newWorld(players: number, settings: Record<string, unknown> = {}) {
  return createWorld({ gameId: 'g', raceNames: names.slice(0, players), settings: readGameSettings(settings) })
}

function play(world: World, turns: number) {
  let last = { world, reports: reportAll(world) }
  for (let turn = 0; turn < turns && !last.world.result; turn += 1) {
    const orders = last.reports.map(({ raceName, report }) => ({ raceName, orders: botOrders(report) }))
    last = generateTurn(last.world, { orders, banished: [] })
  }
  return last
}

describe('a game between scripted players', () => {
  it.each([
    { players: 2, seed: 1, size: 'tiny' },
    { players: 2, seed: 42, size: 'small' },
    { players: 3, seed: 7, size: 'tiny' },
    { players: 4, seed: 3, size: 'tiny' },
  ])('of $players on a $size galaxy with seed $seed has a winner', ({ players, ...settings }) => {
    const { world } = play(newWorld(players, settings), 300)
    expect(world.result?.winner).toBeTypeOf('string')
    expect(world.result?.standings).toHaveLength(players)
    expect(world.result?.turn).toBe(world.turn)
  })

  it('is the same, byte for byte, when it is played again', () => {
    const first = JSON.stringify(play(newWorld(3, { seed: 5, size: 'tiny' }), 60))
    expect(JSON.stringify(play(newWorld(3, { seed: 5, size: 'tiny' }), 60))).toBe(first)
  })

  it('is another one with another seed', () => {
    expect(newWorld(2, { seed: 1 }).planets).not.toEqual(newWorld(2, { seed: 2 }).planets)
  })

  it('goes on the same from a state that was written and read', () => {
    const { world } = play(newWorld(2, { seed: 9, size: 'tiny' }), 20)
    const read = World.parse(JSON.parse(JSON.stringify(world)))
    expect(JSON.stringify(play(read, 20).world)).toBe(JSON.stringify(play(world, 20).world))
  })
})

describe('a turn', () => {
  it('does not depend on the sequence in which the races ordered', () => {
    const world = newWorld(3, { seed: 4, size: 'tiny' })
    const orders = reportAll(world).map(({ raceName, report }) => ({ raceName, orders: botOrders(report) }))
    const turned = generateTurn(world, { orders: orders.toReversed(), banished: [] })
    expect(turned).toEqual(generateTurn(world, { orders, banished: [] }))
  })

  it('leaves the world before it as it was', () => {
    const world = newWorld(2, { seed: 4 })
    const before = structuredClone(world)
    generateTurn(world, { orders: [], banished: ['Vegans'] })
    expect(world).toEqual(before)
  })

  it('without orders goes on for a hundred turns and nobody wins', () => {
    let world = newWorld(2, { seed: 42, size: 'small' })
    for (let turn = 0; turn < 100; turn += 1) world = generateTurn(world, { orders: [], banished: [] }).world
    expect(world.result).toBeUndefined()
    expect(world.turn).toBe(100)
  })
})

const id = fc.integer({ min: 1, max: 12 })
const raceName = fc.constantFrom(...names, 'Nobody', '__proto__')
const number = fc.oneof(fc.double(), fc.integer({ min: -1, max: 40 }))
const order = fc.oneof(
  fc.record({
    type: fc.constant('send'),
    group: id,
    to: id,
    ships: fc.option(id, { nil: undefined }),
    unload: fc.boolean(),
  }),
  fc.record({ type: fc.constant('load'), group: id, cargo: fc.constantFrom('colonists', 'capital') }),
  fc.record({ type: fc.constant('load'), group: id, cargo: fc.constantFrom('colonists', 'capital'), amount: number }),
  fc.record({ type: fc.constantFrom('unload', 'scrap'), group: id }),
  fc.record({ type: fc.constant('scrap'), group: id, ships: id }),
  fc.record({ type: fc.constant('stance'), raceName, stance: fc.constantFrom('war', 'peace') }),
  fc.record({
    type: fc.constant('design'),
    name: fc.constantFrom('A', 'B', 'Scout', '<b>'),
    drive: number,
    attack: number,
    weapons: number,
    shields: number,
    cargo: number,
  }),
  fc.record({
    type: fc.constant('produce'),
    planet: id,
    production: fc.constantFrom(
      { make: 'industry' },
      { make: 'colonists' },
      { make: 'research', technology: 'cargo' },
      { make: 'ship', design: 'A' },
      { make: 'ship', design: 'Frigate' },
    ),
  }),
  fc.jsonValue(),
)

describe('any orders whatever', () => {
  it('never break the game: nothing is negative, beyond its bounds or unreadable', () => {
    const turns = fc.array(fc.array(fc.array(order, { maxLength: 8 }), { minLength: 3, maxLength: 3 }), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(turns, fc.nat(), (played, seed) => {
        let world = newWorld(3, { seed, size: 'tiny' })
        for (const each of played) {
          if (world.result) break
          const orders = each.map((sent, race) => ({ raceName: names[race] ?? '', orders: sent }))
          world = generateTurn(world, { orders, banished: [] }).world
          expect(faultsIn(world)).toEqual([])
        }
      }),
      { numRuns: 60 },
    )
  })
})

/** What can never be true of a world. */
function faultsIn(world: World): string[] {
  const ids = world.groups.map((group) => `${group.owner}/${group.id}`)
  const read = World.parse(JSON.parse(JSON.stringify(world)))
  return [
    ...world.planets.filter(({ population, size }) => population > size).map(({ id }) => `planet ${id} is overfull`),
    ...world.planets.filter(({ population, industry }) => industry > population).map(({ id }) => `planet ${id} works`),
    ...world.planets
      .filter(({ owner, population }) => (owner === null) !== (population === 0))
      .map(({ id }) => `planet ${id} is nobody's`),
    ...world.groups.filter(({ ships }) => ships < 1).map(({ id }) => `group ${id} is empty`),
    ...(new Set(ids).size === ids.length ? [] : ['two groups have one id']),
    ...(JSON.stringify(read) === JSON.stringify(world) ? [] : ['it reads otherwise than it was written']),
  ]
}
