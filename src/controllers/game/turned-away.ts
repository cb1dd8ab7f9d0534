import type { Plan } from './action.ts'
import { type Draft, notReady, wasReady } from './draft.ts'
import type { Observation } from './observation.ts'
import { type Policy, waitMs } from './policy.ts'
import { tellUnschedulable } from './unschedulable.ts'

/**
 * A machine that would not have the engine says nothing about the engine: it is tried again, under another epoch, after a
 * pause that grows while machines go on so. Undefined when nothing stands in the way of a start.
 */
export function planTurnedAway(observation: Observation, policy: Policy, draft: Draft): Plan | undefined {
  count(observation, draft)
  const { turnedAway } = draft.current().engine
  if (turnedAway === undefined) return undefined
  const { times, evictions, at, why } = turnedAway
  const until = new Date(Date.parse(at) + waitMs(times + evictions + 1, policy.restartBackoff, draft.uid))
  if (until <= draft.now) return undefined
  const message = `${why}; it is tried again at ${until.toISOString().slice(11, 19)}Z`
  draft.phase('Starting')
  notReady(draft, 'Unschedulable', message)
  tellUnschedulable(observation.game, draft, message)
  return draft.plan([], until)
}

/** Once for each start. */
function count({ game, engines: [newest] }: Observation, draft: Draft): void {
  const { epoch, turnedAway } = draft.current().engine
  const { turnedAway: why, requested } = newest?.exit ?? {}
  if (why === undefined || requested || newest?.epoch !== epoch || turnedAway?.epoch === epoch) return
  const [timesMore, evictionsMore] = wasReady(game) ? [0, 1] : [1, 0]
  draft.engine({
    turnedAway: {
      times: (turnedAway?.times ?? 0) + timesMore,
      evictions: (turnedAway?.evictions ?? 0) + evictionsMore,
      epoch,
      at: draft.now.toISOString(),
      why: why.slice(0, maxWhy),
    },
  })
}

const maxWhy = 600
