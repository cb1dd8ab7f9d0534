import { distance, type Planet, planetTitle, type Report } from './report.ts'
import { placeOf } from './render-ships.ts'
import { table } from './table.ts'
import { amount, count } from './text.ts'

/** Your planets. */
export function renderOwnPlanets({ planets }: Report): string {
  return table(
    'Your planets',
    ['#', 'name', 'x', 'y', 'size', 'res', 'people', 'industry', 'capital', 'colonists', 'effort', 'makes'],
    planets
      .filter(({ known }) => known === 'own')
      .map((planet) => [
        planet.id,
        planet.name,
        planet.x,
        planet.y,
        planet.size,
        planet.resources,
        planet.population,
        planet.industry,
        planet.capital,
        planet.colonists,
        planet.effort,
        makes(planet),
      ]),
  )
}

/** All the others, the nearest to yours first. */
export function renderOtherPlanets(report: Report, { most = Infinity } = {}): string {
  const others = report.planets
    .filter(({ known }) => known !== 'own')
    .map((planet) => ({ planet, away: fromYours(report, planet) }))
    .sort((a, b) => a.away - b.away)
  const shown = table(
    'Other planets, the nearest first',
    ['#', 'name', 'away', 'x', 'y', 'owner', 'size', 'res', 'people', 'industry', 'known from'],
    others
      .slice(0, most)
      .map(({ planet, away }) => [
        planet.id,
        planet.name,
        Number.isFinite(away) ? away : undefined,
        planet.x,
        planet.y,
        ownerOf(planet),
        planet.size,
        planet.resources,
        planet.population,
        planet.industry,
        planet.known,
      ]),
  )
  const left = others.length - most
  return left > 0 ? `${shown}  … and ${count(left, 'more planet')}: 'planets' shows all\n` : shown
}

/** One planet, with what is there and how far away your groups are. */
export function renderPlanet(report: Report, planet: Planet): string {
  const { x, y, size, resources, population, industry, capital, colonists, effort } = planet
  const facts = Object.entries({ size, resources, population, industry, capital, colonists, effort })
  const known = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${amount(value)}`]))
  const lines = [
    `Planet ${planetTitle(report, planet.id)} at ${amount(x)}, ${amount(y)}`,
    `  ${[`owner: ${ownerOf(planet) || 'not known'}`, ...known].join(', ')}`,
    ...(planet.production ? [`  makes ${makes(planet)}`] : []),
  ]
  return `${lines.join('\n')}\n${routes(report, planet)}`
}

/** How your groups in orbit would get there. */
function routes(report: Report, planet: Planet): string {
  return table(
    'Your groups, the nearest first',
    ['group', 'design', 'ships', 'where', 'away', 'turns'],
    report.groups
      .flatMap((group) => {
        const from = group.place.in === 'orbit' ? report.planets.find(({ id }) => id === orbited(group)) : undefined
        return from ? [{ group, away: distance(from, planet) }] : []
      })
      .sort((a, b) => a.away - b.away)
      .map(({ group, away }) => [
        group.id,
        group.design,
        group.ships,
        placeOf(report, group),
        away,
        away === 0 ? 'here' : group.speed > 0 ? String(Math.ceil(away / group.speed)) : 'no drive',
      ]),
  )
}

function orbited({ place }: Report['groups'][number]): number | undefined {
  return place.in === 'orbit' ? place.planet : undefined
}

function ownerOf({ owner, known }: Planet): string {
  if (known === 'chart') return ''
  return owner ?? 'nobody'
}

function makes({ production }: Planet): string {
  return [production?.make, production?.technology ?? production?.design].filter(Boolean).join(' ')
}

/** Light years to the nearest planet of yours; Infinity when you have none. */
export function fromYours({ planets }: Report, to: Planet): number {
  return Math.min(...planets.filter(({ known }) => known === 'own').map((own) => distance(own, to)))
}
