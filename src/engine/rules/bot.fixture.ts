import { distance, type Point } from './numbers.ts'
import type { Report } from './report.ts'

/** A player for tests: settles what it finds, arms, and attacks the nearest enemy it sees. It knows its report only. */
export function botOrders(report: Report): unknown[] {
  return [...productionOrders(report), ...groupOrders(report)]
}

type PlanetSeen = Report['planets'][number]
type OwnGroup = Report['groups'][number]

const bomber = { type: 'design', name: 'Bomber', drive: 20, attack: 8, weapons: 2, shields: 12 }

function productionOrders({ turn, planets, designs }: Report): unknown[] {
  const armed = designs.some(({ name }) => name === bomber.name)
  const own = planets.filter(({ known }) => known === 'own')
  const make = (planet: PlanetSeen): object => {
    if (turn < 6) return { make: 'ship', design: 'Hauler' }
    return planet.id % 4 === 0 ? { make: 'research', technology: 'weapons' } : { make: 'ship', design: bomber.name }
  }
  return [
    ...(armed ? [] : [bomber]),
    ...own.map((planet) => ({ type: 'produce', planet: planet.id, production: make(planet) })),
  ]
}

function groupOrders(report: Report): unknown[] {
  const taken = new Set(report.groups.flatMap(({ place }) => (place.in === 'flight' ? [place.to] : [])))
  return report.groups.flatMap((group) => {
    if (group.place.in === 'flight') return []
    const at = report.planets[group.place.planet - 1]
    if (!at) return []
    const orders = group.design === 'Hauler' ? haul(report, group, at, taken) : hunt(report, group, at, taken)
    return orders
  })
}

/** Ships of a group may go separately, so the first planet named is the nearest that nobody goes to yet. */
function haul({ planets }: Report, group: OwnGroup, at: PlanetSeen, taken: Set<number>): unknown[] {
  const target = nearest(planets, at, (planet) => 'owner' in planet && planet.owner === null && !taken.has(planet.id))
  const colonists = 'colonists' in at ? at.colonists : 0
  if (!target || (colonists < 1 && !group.cargo)) return []
  taken.add(target.id)
  const amount = Math.min(colonists, group.capacity / group.ships)
  return [
    ...(group.cargo ? [] : [{ type: 'load', group: group.id, cargo: 'colonists', amount }]),
    { type: 'send', group: group.id, to: target.id, unload: true },
  ]
}

function hunt(report: Report, group: OwnGroup, at: PlanetSeen, taken: Set<number>): unknown[] {
  const isEnemy = (planet: PlanetSeen) => 'owner' in planet && planet.owner !== null && planet.known !== 'own'
  if (isEnemy(at) && group.design !== 'Scout') return []
  if (group.design !== 'Scout' && group.ships < 3) return []
  const prey = group.design === 'Scout' ? undefined : nearest(report.planets, at, isEnemy)
  const target = prey ?? nearest(report.planets, at, ({ known, id }) => known === 'chart' && !taken.has(id))
  if (!target) return []
  taken.add(target.id)
  return [{ type: 'send', group: group.id, to: target.id }]
}

function nearest(planets: readonly PlanetSeen[], from: Point & { id: number }, fits: (planet: PlanetSeen) => boolean) {
  const candidates = planets.filter((planet) => planet.id !== from.id && fits(planet))
  return candidates.sort((a, b) => distance(a, from) - distance(b, from))[0]
}
