import { type Chronicle, tell } from './happenings.ts'
import { planetOf } from './lookup.ts'
import type { World } from './model.ts'
import { distance, rounded } from './numbers.ts'
import { groupSpeed } from './ships.ts'

/** Flies every group in flight one turn's way towards where it goes. */
export function moveShips(world: World, chronicle: Chronicle): void {
  for (const group of world.groups) {
    const { place } = group
    if (place.in !== 'flight') continue
    const to = planetOf(world, place.to)
    if (!to) continue
    const left = distance(place, to)
    const way = groupSpeed(group)
    if (way >= left) {
      group.place = { in: 'orbit', planet: to.id }
      tell(
        chronicle,
        group.owner,
        'arrival',
        `Group ${group.id} (${group.ships} ${group.design.name}) is at ${to.name}.`,
      )
      continue
    }
    const part = way / left
    group.place = {
      ...place,
      x: rounded(place.x + (to.x - place.x) * part),
      y: rounded(place.y + (to.y - place.y) * part),
    }
  }
}
