import { type EngineInstance, specHash } from '../hosts/index.ts'
import type { Plan } from './action.ts'
import { type Draft, forgetEngine, notReady, recordFailure, startOf, tellStarting } from './draft.ts'
import { engineSpec } from './objects.ts'
import type { Observation } from './observation.ts'
import type { Policy } from './policy.ts'
import { tellSlow, tellUnschedulable } from './unschedulable.ts'

/** The engine that was made for the game as it is, and does not run yet. */
export function comingEngine({ game, engines }: Observation, draft: Draft, image: string): EngineInstance | undefined {
  const { epoch } = draft.current().engine
  const hash = specHash(engineSpec(game, image, 0))
  return engines.find((each) => each.state === 'starting' && each.epoch >= epoch && each.specHash === hash)
}

/**
 * It starts by itself when there is a machine, or when its machine is done, which the host tells: until then nobody is held
 * up, and nothing has failed. What cannot start says why when its start is asked for, under its own epoch.
 */
export function planComing(observation: Observation, policy: Policy, draft: Draft, coming: EngineInstance): Plan {
  const { game, runtime } = observation
  const { epoch, image, unschedulable, preparing } = coming
  draft.phase('Starting')
  draft.engine({ epoch, runtime })
  if (unschedulable !== undefined) {
    notReady(draft, 'Unschedulable', unschedulable)
    tellUnschedulable(game, draft, unschedulable)
    return draft.plan([], undefined)
  }
  if (preparing !== undefined) {
    const since = startOf(draft, coming)
    if (since !== coming.startedAt) draft.engine({ startedAt: since })
    return planPreparing(observation, policy, draft, { preparing, since })
  }
  tellStarting(draft)
  return draft.plan([{ do: 'start', spec: engineSpec(game, image, epoch) }], undefined)
}

type Preparing = { preparing: string; since: string }

/**
 * On a busy machine every start takes its time. A large image takes more, which is told after a while; but not for ever:
 * the next machine may do better.
 */
function planPreparing({ game }: Observation, policy: Policy, draft: Draft, { preparing, since }: Preparing): Plan {
  const after = (ms: number) => new Date(Date.parse(since) + ms)
  const [toldAt, slowAt] = [after(policy.startTimeoutMs / 2), after(policy.startTimeoutMs)]
  const endAt = after(policy.prepareTimeoutMs)
  const took = (ms: number) => `its machine has not started it within ${ms / 1000} s: ${preparing}`
  if (draft.now >= endAt) {
    recordFailure(draft, 'StartFailed', took(policy.prepareTimeoutMs))
    draft.phase('Pending')
    notReady(draft, 'StartFailed', took(policy.prepareTimeoutMs))
    draft.engine({ imageDigest: undefined })
    forgetEngine(draft)
    return draft.plan([{ do: 'stop' }], undefined)
  }
  if (draft.now < toldAt) {
    tellStarting(draft)
    return draft.plan([], toldAt)
  }
  notReady(draft, 'Starting', `its machine prepares the engine: ${preparing}`)
  if (draft.now < slowAt) return draft.plan([], slowAt)
  tellSlow(game, draft, took(policy.startTimeoutMs))
  return draft.plan([], endAt)
}
