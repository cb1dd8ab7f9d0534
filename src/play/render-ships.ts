import { type Group, planetTitle, type Report } from './report.ts'
import { table } from './table.ts'
import { amount, count } from './text.ts'

/** Your ships; those that can take orders first. */
export function renderGroups(report: Report): string {
  const byPlace = (group: Group) => (group.place.in === 'orbit' ? 0 : 1)
  return table(
    'Your ships',
    ['group', 'ships', 'design', 'where', 'carries', 'room', 'speed', 'technology'],
    report.groups
      .toSorted((a, b) => byPlace(a) - byPlace(b) || a.id - b.id)
      .map((group) => [
        group.id,
        group.ships,
        group.design,
        placeOf(report, group),
        cargoOf(group),
        Math.max(0, group.capacity - (group.cargo?.amount ?? 0)),
        group.speed,
        Object.values(group.levels).map(amount).join('/'),
      ]),
  )
}

export function renderDesigns({ designs }: Report): string {
  return table(
    'Your designs',
    ['name', 'drive', 'attack', 'weapons', 'shields', 'cargo', 'mass', 'speed', 'room'],
    designs.map((design) => [
      design.name,
      design.drive,
      design.attack,
      design.weapons,
      design.shields,
      design.cargo,
      design.mass,
      design.speed,
      design.capacity,
    ]),
  )
}

/** Foreign ships: those that come for you first. */
export function renderForeignShips(report: Report): string {
  const coming = table(
    'Coming at you',
    ['race', 'ships', 'mass', 'armed', 'to', 'turns'],
    report.incoming
      .toSorted((a, b) => a.turns - b.turns)
      .map(({ raceName, ships, mass, armed, to, turns }) => [
        raceName,
        ships,
        mass,
        armed ? 'yes' : 'no',
        planetTitle(report, to),
        turns,
      ]),
  )
  const seen = table(
    'Foreign ships in sight',
    ['race', 'ships', 'mass', 'armed', 'where'],
    report.sightings.map(({ raceName, ships, mass, armed, planet, x, y }) => [
      raceName,
      ships,
      mass,
      armed ? 'yes' : 'no',
      planet === undefined ? `${amount(x)}, ${amount(y)}` : `at ${planetTitle(report, planet)}`,
    ]),
  )
  return [coming, seen].filter(Boolean).join('\n')
}

export function placeOf(report: Report, { place, turnsLeft }: Group): string {
  if (place.in === 'orbit') return `at ${planetTitle(report, place.planet)}`
  return `to ${planetTitle(report, place.to)}, ${count(turnsLeft ?? 0, 'turn')} left`
}

function cargoOf({ cargo, unload }: Group): string {
  return cargo ? `${amount(cargo.amount)} ${cargo.kind}${unload ? ', to unload' : ''}` : ''
}
