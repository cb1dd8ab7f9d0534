import type { Planet } from './model.ts'

/** People that one unit of colonists becomes when it lands. */
export const peoplePerColonist = 8

/** What is left of a planet that nobody lives on. */
export function uninhabited() {
  return {
    population: 0,
    industry: 0,
    capital: 0,
    colonists: 0,
    production: { make: 'industry' as const },
    progress: 0,
  }
}

/** Nobody lives there any more, and nobody owns it. */
export function abandon(planet: Planet): void {
  Object.assign(planet, uninhabited(), { owner: null })
}

/** What the planet can spend in a turn. */
export function effortOf({ industry, population }: Planet): number {
  return industry * 0.75 + population * 0.25
}
