import { findCondition, isTrue } from '../../platform/kubernetes/conditions.ts'
import type { EngineInstance } from '../hosts/index.ts'
import type { Plan } from './action.ts'
import { tellAway, whyAway } from './away.ts'
import {
  countCrash,
  countRestart,
  type Draft,
  failedAttempts,
  failuresUntilFailed,
  forgetEngine,
  notReady,
  recordFailure,
  retryMoment,
  startOf,
  tellDegraded,
  tellStarting,
  wasReady,
} from './draft.ts'
import { engineTarget, initRequest } from './objects.ts'
import type { Observation } from './observation.ts'
import type { Policy } from './policy.ts'
import { isWidespread } from './silence.ts'
import { planTurns } from './turn-plan.ts'

const askAgainMs = 1000

/** An engine runs: is it well, does it know its game? Then its turns. */
export function planHealth(observation: Observation, policy: Policy, draft: Draft, instance: EngineInstance): Plan {
  const { game, probe } = observation
  const engine = engineTarget(instance)
  const away = whyAway(observation)
  if (away !== undefined && probe?.state !== 'healthy') return planAway(observation, policy, draft, away)
  if (!engine || !probe) return draft.plan([], after(draft, askAgainMs))
  if (probe.state !== 'healthy') {
    return wasReady(game) ? planUnwell(observation, policy, draft, probe) : planUnready(policy, draft, instance, probe)
  }
  if (!probe.status.initialized) return planInit(observation, policy, draft, instance)
  if (!isTrue(game.status.conditions ?? [], 'Initialized')) {
    draft.event(
      'Normal',
      'Initialized',
      `the engine has created the game for ${game.spec.players?.length ?? 0} players`,
    )
  }
  draft.condition('Initialized', true, 'Initialized', 'the engine has created the game')
  draft.condition('EngineReady', true, 'Healthy', 'the engine answers')
  draft.condition('Ready', true, 'Ready', 'the engine serves the game')
  return planTurns(observation, policy, draft, { engine, status: probe.status })
}

/** It does not answer, and nobody knows whether it still runs: the game waits for its machine. */
function planAway(observation: Observation, policy: Policy, draft: Draft, why: string): Plan {
  const message = tellAway(observation, draft, why)
  draft.condition('EngineReady', undefined, 'NodeAway', message)
  draft.condition('Ready', false, 'NodeAway', message)
  return draft.plan([], after(draft, policy.healthCheckMs))
}

type Unwell = Exclude<NonNullable<Observation['probe']>, { state: 'healthy' }>

function reasonOf(probe: Unwell): string {
  return probe.state === 'unreachable' ? 'Unreachable' : 'BadAnswer'
}

/** Not yet healthy after its start: wait for it until the deadline; nonsense needs no waiting. */
function planUnready(policy: Policy, draft: Draft, instance: EngineInstance, probe: Unwell): Plan {
  const engine = engineTarget(instance)
  const deadline = new Date(Date.parse(startOf(draft, instance)) + policy.startTimeoutMs)
  if (engine && probe.state === 'unreachable' && draft.now < deadline) {
    tellStarting(draft)
    return draft.plan([{ do: 'awaitHealthy', engine, deadline }], after(draft, askAgainMs))
  }
  const neverMessage = `the engine was not healthy within ${policy.startTimeoutMs / 1000} s: ${probe.message}`
  const [reason, message] =
    probe.state === 'unreachable' ? (['NeverHealthy', neverMessage] as const) : (['BadAnswer', probe.message] as const)
  recordFailure(draft, reason, message)
  return endFailed(draft, reason, message)
}

/** It was well before: give it a while to come back, then put another in its place, unless most are as silent. */
function planUnwell({ game, silence }: Observation, policy: Policy, draft: Draft, probe: Unwell): Plan {
  const isSilent = probe.state === 'unreachable' && silence !== undefined
  if (isSilent && isWidespread(silence, policy)) return planOutOfReach(policy, draft)
  const since = findCondition(game.status.conditions ?? [], 'EngineReady')
  const unwellForMs = since?.status === 'False' ? draft.now.getTime() - Date.parse(since.lastTransitionTime) : 0
  // Whoever has just begun to look has not asked the others yet.
  const isEarly = isSilent && silence.watchedMs < policy.unresponsiveAfterMs
  if (unwellForMs < policy.unresponsiveAfterMs || isEarly) {
    notReady(draft, reasonOf(probe), probe.message)
    return draft.plan([], after(draft, askAgainMs))
  }
  const message = `no good answer for ${Math.round(unwellForMs / 1000)} s: ${probe.message}`
  countRestart(draft)
  countCrash(draft)
  tellDegraded(draft, 'Unresponsive', message)
  return endFailed(draft, 'Unresponsive', message)
}

/** Nobody knows how it is. It is told without numbers, which would be written anew in each pass over each game. */
function planOutOfReach(policy: Policy, draft: Draft): Plan {
  const message = 'most engines do not answer the controller at once, so none is replaced for that'
  draft.condition('EngineReady', undefined, 'ManyUnreachable', message)
  draft.condition('Ready', false, 'ManyUnreachable', message)
  return draft.plan([], after(draft, policy.healthCheckMs))
}

function endFailed(draft: Draft, reason: string, message: string): Plan {
  draft.phase('Pending')
  notReady(draft, reason, message)
  forgetEngine(draft)
  return draft.plan([{ do: 'stop' }], undefined)
}

function planInit(observation: Observation, policy: Policy, draft: Draft, instance: EngineInstance): Plan {
  const { game } = observation
  const engine = engineTarget(instance)
  const lostTurn = draft.current().turn.number
  if (isTrue(game.status.conditions ?? [], 'Initialized') && lostTurn > 0) return planStateLost(game, draft, lostTurn)
  const retryAt = retryMoment(draft, policy)
  if (!engine || (retryAt && retryAt > draft.now)) {
    if (failedAttempts(draft) >= failuresUntilFailed) draft.phase('Failed')
    return draft.plan([], retryAt)
  }
  if (isTrue(game.status.conditions ?? [], 'Initialized')) {
    const message = 'the engine has lost what was ordered for turn 1; creating the game again'
    draft.condition('Initialized', false, 'StateLost', message)
    draft.event('Warning', 'StateLost', message)
  }
  draft.phase('Initializing')
  notReady(draft, 'Initializing', 'the engine is creating the game')
  return draft.plan([{ do: 'init', engine, body: initRequest(game) }], undefined)
}

/** Creating the game anew would silently throw away what people played: that is for a person to decide. */
function planStateLost({ status }: Observation['game'], draft: Draft, turn: number): Plan {
  const message = `the engine has lost the state of turn ${turn}: restore its data, or delete the Game and create it again`
  const before = findCondition(status.conditions ?? [], 'Degraded')
  if (before?.reason !== 'StateLost') draft.event('Warning', 'StateLost', message)
  draft.phase('Failed')
  draft.turn({ nextAt: undefined, running: undefined })
  notReady(draft, 'StateLost', message)
  draft.condition('Degraded', true, 'StateLost', message)
  draft.condition('TurnsActive', false, 'StateLost', message)
  return draft.plan([], after(draft, 30_000))
}

function after(draft: Draft, ms: number): Date {
  return new Date(draft.now.getTime() + ms)
}
