import { fromYours } from './render-planets.ts'
import { type Group, planetOf, planetTitle, type Report } from './report.ts'
import { amount, count } from './text.ts'

/** So many lines help; more are not read. */
const mostLines = 6

/** What one could do next, as commands to type. */
export function advice(report: Report): string[] {
  if (!report.rules.ordersAccepted) return []
  const groups = report.groups.filter(({ place }) => place.in === 'orbit')
  return [...groups.flatMap((group) => forGroup(report, group)), ...forPlanets(report)].slice(0, mostLines)
}

function forGroup(report: Report, group: Group): string[] {
  if (group.place.in !== 'orbit' || group.speed <= 0) return []
  const here = planetOf(report, group.place.planet)
  const who = `group ${group.id} (${count(group.ships, 'ship')}, ${group.design}) at ${planetTitle(report, group.place.planet)}`
  if (group.cargo) {
    const target = freePlanet(report)
    return target ? [`${who} carries ${group.cargo.kind}: send ${group.id} ${target} unload`] : []
  }
  if (group.capacity > 0 && here?.known === 'own' && (here.colonists ?? 0) > 0) {
    return [`${who} has room, and ${amount(here.colonists ?? 0)} colonists wait: load ${group.id} colonists`]
  }
  const unknown = nearest(report, ({ known }) => known === 'chart')
  return group.capacity === 0 && unknown ? [`${who} could look around: send ${group.id} ${unknown}`] : []
}

function forPlanets({ planets, designs }: Report): string[] {
  const [design] = designs
  const own = planets.find(({ known }) => known === 'own')
  if (!own || !design) return []
  return [`choose what a planet makes, such as: produce ${own.id} ship "${design.name}"`]
}

/** The nearest planet that nobody owns. */
function freePlanet(report: Report): number | undefined {
  return nearest(report, ({ known, owner }) => known !== 'own' && known !== 'chart' && owner === null)
}

function nearest(report: Report, fits: (planet: Report['planets'][number]) => boolean): number | undefined {
  return report.planets
    .filter(fits)
    .map((planet) => ({ id: planet.id, away: fromYours(report, planet) }))
    .sort((a, b) => a.away - b.away)[0]?.id
}
