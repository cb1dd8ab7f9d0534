import { describe, expect, it } from 'vitest'
import { newChronicle } from './happenings.ts'
import { raceOf } from './lookup.ts'
import type { World } from './model.ts'
import { obey, rejectedOrders } from './obey.ts'
import { Order, orderExamples } from './orders.ts'
import { frigate, hauler, sampleGroup, sampleWorld } from './sample.ts'

function terrans(world: World) {
  const race = raceOf(world, 'Terrans')
  if (!race) throw new Error('the sample has Terrans')
  return race
}

function sampleFleet() {
  const world = sampleWorld({ planets: [{ colonists: 8, capital: 3 }] })
  world.groups = [
    sampleGroup({ owner: 'Terrans', id: 1, ships: 4, design: frigate }),
    sampleGroup({ owner: 'Terrans', id: 2, ships: 2, design: hauler }),
    sampleGroup({ owner: 'Terrans', id: 3, place: { in: 'flight', from: 1, to: 3, x: 12, y: 0 } }),
    sampleGroup({ owner: 'Terrans', id: 4, design: { ...frigate, drive: 0 } }),
    sampleGroup({ owner: 'Vegans', id: 9, place: { in: 'orbit', planet: 2 } }),
  ]
  return world
}

function rejected(...orders: unknown[]) {
  const world = sampleFleet()
  return rejectedOrders(world, terrans(world), orders)
}

function obeyed(...orders: unknown[]) {
  const world = sampleFleet()
  const chronicle = newChronicle()
  expect(obey(world, { ...terrans(world), nextGroup: 5 }, orders, chronicle)).toEqual([])
  return { world, chronicle }
}

describe('an order that cannot be carried out', () => {
  it.each([
    [{ type: 'produce', planet: 2, production: { make: 'industry' } }, 'planet: planet 2 is not yours'],
    [{ type: 'produce', planet: 99, production: { make: 'industry' } }, 'planet: there is no planet 99'],
    [
      { type: 'produce', planet: 1, production: { make: 'ship', design: 'Deathstar' } },
      'production.design: you have no design "Deathstar"',
    ],
    [{ type: 'design', name: 'Scout', drive: 1 }, 'name: you already have a design "Scout"'],
    [{ type: 'design', name: 'Half', drive: 0.5 }, 'drive: must be 0, or at least 1'],
    [{ type: 'design', name: 'Gunless', drive: 1, attack: 3 }, 'attack and weapons must both be 0 or both be more'],
    [{ type: 'design', name: 'Nothing', drive: 0 }, 'a ship must have some part'],
    [{ type: 'send', group: 7, to: 3 }, 'group: you have no group 7'],
    [{ type: 'send', group: 9, to: 3 }, 'group: you have no group 9'],
    [{ type: 'send', group: 3, to: 3 }, 'group: group 3 is in flight until it arrives'],
    [{ type: 'send', group: 1, to: 1 }, 'to: group 1 is already at planet 1'],
    [{ type: 'send', group: 1, to: 99 }, 'to: there is no planet 99'],
    [{ type: 'send', group: 1, to: 3, ships: 5 }, 'ships: group 1 has only 4'],
    [{ type: 'send', group: 4, to: 3 }, 'group: Frigate has no drive'],
    [{ type: 'load', group: 1, cargo: 'colonists' }, 'group: group 1 has no room'],
    [{ type: 'load', group: 2, cargo: 'colonists', amount: 99 }, 'amount: group 2 has room for 15 only'],
    [{ type: 'load', group: 2, cargo: 'colonists', amount: 9 }, 'amount: planet 1 has 8 colonists only'],
    [{ type: 'unload', group: 2 }, 'group: group 2 carries nothing'],
    [{ type: 'scrap', group: 1, ships: 5 }, 'ships: group 1 has only 4'],
    [{ type: 'stance', raceName: 'Terrans', stance: 'war' }, 'raceName: that is you'],
    [{ type: 'message', raceName: 'Nobody', text: 'x' }, 'raceName: there is no race "Nobody"'],
  ])('%j is rejected: %s', (order, message) => {
    expect(rejected(order)).toEqual([{ index: 0, message }])
  })

  it.each([null, 'send', {}, { type: 'nuke' }, { type: 'unload', group: 1, extra: 1 }, []])(
    '%j is rejected',
    (order) => {
      expect(rejected(order)).toHaveLength(1)
    },
  )

  it('is named by its place among the others, which are judged in their sequence', () => {
    const load = { type: 'load', group: 2, cargo: 'colonists' }
    expect(rejected(load, load, { type: 'unload', group: 2 }, 7).map(({ index }) => index)).toEqual([1, 3])
  })
})

describe('an order that can be', () => {
  it('sends part of a group, with its part of the cargo, under a new number', () => {
    const { world } = obeyed(
      { type: 'load', group: 2, cargo: 'colonists', amount: 8 },
      { type: 'send', group: 2, ships: 1, to: 3, unload: true },
    )
    const [stays, leaves] = world.groups.filter(({ design }) => design.name === 'Hauler')
    expect(stays).toMatchObject({ id: 2, ships: 1, cargo: { kind: 'colonists', amount: 4 }, unload: false })
    expect(leaves).toMatchObject({
      id: 5,
      ships: 1,
      cargo: { amount: 4 },
      place: { in: 'flight', to: 3 },
      unload: true,
    })
    expect(world.planets[0]?.colonists).toBe(0)
  })

  it('scraps ships at home and keeps what they carried', () => {
    const { world } = obeyed({ type: 'load', group: 2, cargo: 'capital' }, { type: 'scrap', group: 2 })
    expect(world.groups.some(({ id }) => id === 2)).toBe(false)
    expect(world.planets[0]?.capital).toBe(3)
  })

  it('tells the other race of peace, and of what was said', () => {
    const { chronicle } = obeyed(
      { type: 'stance', raceName: 'Vegans', stance: 'peace' },
      { type: 'message', raceName: 'Vegans', text: 'Peace?' },
    )
    expect(chronicle.happenings.get('Vegans')).toEqual([{ kind: 'diplomacy', text: 'Terrans offer you peace.' }])
    expect(chronicle.messages).toEqual([{ from: 'Terrans', to: 'Vegans', text: 'Peace?' }])
  })

  it('loses what was begun when a planet is told to make something else', () => {
    const world = sampleWorld({ planets: [{ production: { make: 'ship', design: 'Hauler' }, progress: 40 }] })
    obey(world, terrans(world), [{ type: 'produce', planet: 1, production: { make: 'industry' } }], newChronicle())
    expect(world.planets[0]?.progress).toBe(0)
  })
})

it('every example that reports show is well formed', () => {
  for (const example of orderExamples) expect(Order.safeParse(example).success, JSON.stringify(example)).toBe(true)
  expect(new Set(orderExamples.map(({ type }) => type)).size).toBe(Order.options.length)
})
