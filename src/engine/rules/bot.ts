import type { Report } from './report.ts'

type Seen = Report['planets'][number]
type Own = Extract<Seen, { known: 'own' }>
type Ship = Report['groups'][number]

/** Colonists that one Hauler takes. */
const haulerLoad = 7.5
const warFleet = 12

/**
 * A simple player for tests, who knows the report and nothing else: settles what is near, arms, and conquers the
 * nearest enemy planet it can see.
 */
export function botOrders(report: Report): object[] {
  const own = report.planets.filter((planet): planet is Own => planet.known === 'own')
  const targeted = new Set(report.groups.flatMap(({ place }) => (place.in === 'flight' ? [place.to] : [])))
  return [
    ...own.map((planet) => ({ type: 'produce', planet: planet.id, production: produce(report, planet) })),
    ...own.flatMap((planet) => haulers(report, planet, targeted)),
    ...own.flatMap((planet) => attack(report, planet)),
    ...report.groups.flatMap((ships) => moveOn(report, ships)),
  ]
}

function produce(report: Report, planet: Own) {
  if (planet.population < 300 || planet.industry < planet.population / 2) return { make: 'industry' }
  const free = report.planets.some((other) => !('owner' in other) || other.owner === null)
  if (report.turn < 25 && free) return { make: 'ship', design: 'Hauler' }
  return { make: 'ship', design: (report.turn + planet.id) % 4 === 0 ? 'Hauler' : 'Frigate' }
}

/** Loads Haulers that stand at home and sends them to settle, or to land where there is no armed ship to see. */
function haulers(report: Report, planet: Own, targeted: Set<number>): object[] {
  const here = report.groups.filter((ships) => ships.design === 'Hauler' && isAt(ships, planet.id))
  let colonists = planet.colonists
  return here.flatMap((ships) => {
    const load = Math.min(haulerLoad * ships.ships, colonists, ships.capacity)
    const target = nearest(planet, report.planets, (other) => isOpen(report, other) && !targeted.has(other.id))
    if (ships.cargo || !target || load < 1) return []
    colonists -= load
    targeted.add(target.id)
    const cargo = { type: 'load', group: ships.id, cargo: 'colonists', amount: Math.floor(load) }
    return [cargo, { type: 'send', group: ships.id, to: target.id, unload: true }]
  })
}

function attack(report: Report, planet: Own): object[] {
  const fleet = report.groups.filter((ships) => ships.design === 'Frigate' && isAt(ships, planet.id))
  const target = nearest(planet, report.planets, (other) => isEnemy(report, other) || other.known === 'chart')
  if (!target || fleet.reduce((sum, { ships }) => sum + ships, 0) < warFleet) return []
  return fleet.map(({ id }) => ({ type: 'send', group: id, to: target.id }))
}

/** A fleet goes on from a planet that is not an enemy's (any more). */
function moveOn(report: Report, ships: Ship): object[] {
  const { place } = ships
  if (place.in !== 'orbit' || ships.design !== 'Frigate') return []
  const here = report.planets.find(({ id }) => id === place.planet)
  if (!here || here.known === 'own' || isEnemy(report, here)) return []
  const target = nearest(here, report.planets, (other) => isEnemy(report, other) || other.known === 'chart')
  return target ? [{ type: 'send', group: ships.id, to: target.id }] : []
}

function isAt({ place }: Ship, planet: number): boolean {
  return place.in === 'orbit' && place.planet === planet
}

function isEnemy(report: Report, planet: Seen): boolean {
  return 'owner' in planet && planet.owner !== null && planet.owner !== report.raceName
}

function isOpen(report: Report, planet: Seen): boolean {
  if (!('owner' in planet) || planet.known === 'own') return false
  return planet.owner === null || report.turn > 25
}

function nearest(from: Seen, planets: readonly Seen[], fits: (planet: Seen) => boolean): Seen | undefined {
  const away = (planet: Seen) => (planet.x - from.x) ** 2 + (planet.y - from.y) ** 2
  return planets.filter((planet) => planet !== from && fits(planet)).sort((a, b) => away(a) - away(b))[0]
}
