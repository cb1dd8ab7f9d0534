import { planetsOf, positionOf } from './lookup.ts'
import type { Group, Planet, Race, World } from './model.ts'
import { distance, type Point } from './numbers.ts'

/** Light years that planets and ships can see. */
export const sightRange = 20

/**
 * How well a race knows a planet: its `own`, one that its ships are in `orbit` of, one in `sight` of a planet or ship
 * of its own, or only from the `chart` that everyone has.
 */
export type Knowledge = 'own' | 'orbit' | 'sight' | 'chart'

export type Eyes = { knowledge: (planet: Planet) => Knowledge; sees: (group: Group) => boolean }

/** What a race sees. */
export function eyesOf(world: World, race: Race): Eyes {
  const groups = world.groups.filter(({ owner }) => owner === race.name)
  const posts: Point[] = [...planetsOf(world, race.name), ...groups.map((group) => positionOf(world, group))]
  const orbited = new Set(groups.flatMap(({ place }) => (place.in === 'orbit' ? [place.planet] : [])))
  const inSight = (point: Point) => posts.some((post) => distance(post, point) <= sightRange)
  return {
    knowledge: (planet) => {
      if (planet.owner === race.name) return 'own'
      if (orbited.has(planet.id)) return 'orbit'
      return inSight(planet) ? 'sight' : 'chart'
    },
    sees: (group) => inSight(positionOf(world, group)),
  }
}
