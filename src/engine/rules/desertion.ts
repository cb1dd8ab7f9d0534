import { type Chronicle, tell } from './happenings.ts'
import type { World } from './model.ts'
import { rounded } from './numbers.ts'

/**
 * Half of each group, rounded up, deserts in every turn that its race has neither a planet nor colonists to settle one.
 * Without it two races that bombed each other to the last planet would drift for ever, and the game never end.
 */
export function desertHomeless(world: World, chronicle: Chronicle): void {
  for (const { name } of world.races) {
    const groups = world.groups.filter(({ owner }) => owner === name)
    const hasHome = world.planets.some(({ owner }) => owner === name)
    if (hasHome || groups.length === 0 || groups.some(({ cargo }) => cargo?.kind === 'colonists' && cargo.amount > 0)) {
      continue
    }
    // Only capital can be aboard, which is left behind with the ships.
    for (const group of groups) {
      const left = Math.floor(group.ships / 2)
      if (group.cargo) group.cargo = { ...group.cargo, amount: rounded((group.cargo.amount * left) / group.ships) }
      group.ships = left
    }
    tell(chronicle, name, 'loss', 'You have no planet and no colonists: half of your ships deserted.')
  }
  world.groups = world.groups.filter(({ ships }) => ships > 0)
}
