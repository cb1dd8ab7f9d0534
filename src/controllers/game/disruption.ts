import type { Game } from '../../resources/index.ts'
import type { Action, Plan } from './action.ts'
import type { Observation } from './observation.ts'

/** An engine that is on its way is there in seconds, and would have to begin again elsewhere. */
const coming: ReadonlySet<string | undefined> = new Set(['Starting', 'Initializing'])

/** Whether the game's engine may be moved now: between turns it may, during one it is waited for. */
export function disruptionOf({ status }: Pick<Game, 'status'>): { safeToEvict: boolean } {
  return { safeToEvict: typeof status.turn?.running !== 'number' && !coming.has(status.phase) }
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
