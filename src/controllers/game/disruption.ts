import type { Game } from '../../resources/index.ts'
import type { Action, Plan } from './action.ts'
import type { Observation } from './observation.ts'

/**
 * Whether the game's engine may be moved now: between turns it may, during one it is waited for. One that is only coming up
 * loses nothing by beginning again elsewhere: hosts start engines as movable, and most starts need no word about it.
 */
export function disruptionOf({ status }: Pick<Game, 'status'>): { safeToEvict: boolean } {
  return { safeToEvict: typeof status.turn?.running !== 'number' }
}

/** The plan, with the host told first when it holds another opinion. Hosts that move nothing hold none. */
export function withDisruption({ engines }: Observation, planned: Plan): Plan {
  const running = engines.find(({ state }) => state === 'running')
  const { safeToEvict } = disruptionOf(planned)
  const isEnding = planned.actions.some((action) => ending.has(action.do))
  if (running?.safeToEvict === undefined || running.safeToEvict === safeToEvict || isEnding) return planned
  return { ...planned, actions: [{ do: 'annotate', safeToEvict }, ...planned.actions] }
}

const ending: ReadonlySet<Action['do']> = new Set(['stop', 'removeEngine'])
