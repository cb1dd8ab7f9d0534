import type { EngineVersion, Game } from '../../resources/index.ts'
import { type Surroundings, usersOf } from './users.ts'

/** How many games run a version may be told this late. */
const countAfterMs = 1000

export type GameChange = { before: Game | undefined; after: Game | undefined }

/** How soon the games of a version are to be counted after this change of one; undefined when it does not matter to it. */
export function countAfter(version: EngineVersion, change: GameChange, around: Surroundings): number | undefined {
  const before = change.before?.status.engine?.version
  const after = change.after?.status.engine?.version
  const { version: number } = version.spec
  if (before === after || (before !== number && after !== number)) return undefined
  // The last to leave may be all that the end of a deleted version waits for, and the controller may be the next to go.
  if (before === number && usersOf(version, around).length === 0) return 0
  // While a thousand games start, their version is counted once a second, and not a thousand times.
  return countAfterMs
}
