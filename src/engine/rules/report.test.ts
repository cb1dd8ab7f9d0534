import { describe, expect, it } from 'vitest'
import type { World } from './model.ts'
import { sampleGroup, sampleWorld } from './sample.ts'
import { generateTurn, reportAll } from './turn.ts'

/** P1 is the Terrans', P2 (10 light years away) the Vegans'; P3 lies just within the Terrans' sight, P4 beyond. */
function seen(world: World) {
  const report = reportAll(world).find(({ raceName }) => raceName === 'Terrans')?.report
  if (!report) throw new Error('Terrans have a report')
  return report
}

const hidden = ['production', 'progress', 'colonists', 'capital', 'effort']

describe('what a race knows of a planet', () => {
  it('is everything of its own, less in sight, and the place only of what is far away', () => {
    const planets = seen(sampleWorld()).planets
    expect(planets.map(({ known }) => known)).toEqual(['own', 'sight', 'sight', 'chart'])
    expect(planets[0]).toMatchObject({ population: 100, production: { make: 'industry' }, effort: 100 })
    expect(Object.keys(planets[1] ?? {})).toEqual(['known', 'id', 'name', 'x', 'y', 'size', 'resources', 'owner'])
    expect(planets[3]).toEqual({ known: 'chart', id: 4, x: 40, y: 0 })
  })

  it('is who lives there once its ships are in orbit, but not what they make', () => {
    const world = sampleWorld()
    world.groups = [sampleGroup({ owner: 'Terrans', place: { in: 'orbit', planet: 2 } })]
    const planet = seen(world).planets[1]
    expect(planet).toMatchObject({ known: 'orbit', owner: 'Vegans', population: 100, industry: 100 })
    for (const field of hidden) expect(planet).not.toHaveProperty(field)
  })
})

describe('foreign ships', () => {
  it('are reported in sight only, without what is aboard', () => {
    const world = sampleWorld()
    const cargo = { kind: 'colonists' as const, amount: 3 }
    world.groups = [
      sampleGroup({ owner: 'Vegans', id: 1, ships: 2, cargo, place: { in: 'orbit', planet: 3 } }),
      sampleGroup({ owner: 'Vegans', id: 2, ships: 9, place: { in: 'orbit', planet: 4 } }),
    ]
    const sighting = { raceName: 'Vegans', ships: 2, mass: 32.5, armed: true, x: 30, y: 0, planet: 3 }
    expect(seen(world).sightings).toEqual([sighting])
  })

  it('that fly to one of its planets are announced', () => {
    const world = sampleWorld()
    const place = { in: 'flight' as const, from: 3, to: 1, x: 28, y: 0 }
    world.groups = [
      sampleGroup({ owner: 'Vegans', id: 1, place }),
      sampleGroup({ owner: 'Vegans', id: 2, place: { ...place, to: 2 } }),
    ]
    expect(seen(world).incoming).toMatchObject([{ raceName: 'Vegans', to: 1, distance: 18, turns: 2 }])
  })
})

it('the report says who is at war with whom, and which orders could not be carried out', () => {
  const orders = [
    { type: 'stance', raceName: 'Vegans', stance: 'peace' },
    { type: 'unload', group: 77 },
  ]
  const { reports } = generateTurn(sampleWorld(), { orders: [{ raceName: 'Terrans', orders }], banished: [] })
  expect(reports[0]?.report.races).toMatchObject([{ raceName: 'Vegans', yourStance: 'peace', theirStance: 'war' }])
  expect(reports[0]?.report.rejectedOrders).toEqual([{ index: 1, message: 'group: you have no group 77' }])
  expect(reports[1]?.report.happenings).toEqual([{ kind: 'diplomacy', text: 'Terrans offer you peace.' }])
})
