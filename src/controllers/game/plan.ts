import { findCondition, isTrue } from '../../platform/kubernetes/conditions.ts'
import { parseDuration } from '../../platform/settings.ts'
import { engineFinalizer, reconcileAnnotation } from '../../resources/index.ts'
import type { Plan } from './action.ts'
import { whyAway } from './away.ts'
import { withDisruption } from './disruption.ts'
import { createDraft, type Draft, forgetEngine, notReady } from './draft.ts'
import { planEngine } from './engine-plan.ts'
import { noteWish, planAsleep, planSleep, sleepMoment } from './hibernation-plan.ts'
import type { Observation } from './observation.ts'
import type { Policy } from './policy.ts'
import { withoutFuture } from './plausible.ts'
import { tellForcedWaits } from './forced-waits.ts'
import { planVolume } from './volume-plan.ts'

/** Decides what to do about one game. Pure: the same observation always gives the same plan. */
export function plan(observation: Observation, policy: Policy): Plan {
  const { game, now } = observation
  const { metadata } = game
  const isDeleted = metadata.deletionTimestamp !== undefined
  if (metadata.annotations[reconcileAnnotation] === 'disabled') {
    return isDeleted ? planHeldDeletion(observation) : nothing(observation)
  }
  if (isDeleted) return planDeletion(observation)
  if (!metadata.finalizers.includes(engineFinalizer)) {
    return { ...nothing(observation), actions: [{ do: 'addFinalizer' }] }
  }
  return planPresent({ ...observation, game: withoutFuture(game, now) }, policy)
}

function planPresent(observation: Observation, policy: Policy): Plan {
  const { game, now } = observation
  const draft = createDraft(game, now)
  if (observation.violations.length > 0) return planInvalid(observation, draft)
  const expiresAt = expiry(observation)
  if (expiresAt && expiresAt <= now) return draft.plan([{ do: 'deleteGame' }], undefined)
  const growing = planVolume(observation, draft)
  const decided = withDisruption(observation, planLiving(observation, policy, draft))
  return { ...decided, actions: [...growing, ...decided.actions], againAt: earliest(decided.againAt, expiresAt) }
}

function planLiving(observation: Observation, policy: Policy, draft: Draft): Plan {
  if (observation.game.spec.runState === 'Stopped') return planStopped(observation, draft)
  const waiting = whyNoPlayers(observation)
  if (waiting && !observation.engines.some(({ state }) => state === 'running')) return planWaiting(draft, waiting)
  return planAsleep(observation, policy, draft) ?? planAwake(observation, policy, draft)
}

/** When nothing is left to do for an engine that nobody needs, it may sleep. */
function planAwake(observation: Observation, policy: Policy, draft: Draft): Plan {
  noteWish(observation, draft)
  const decided = planEngine(observation, policy, draft)
  const sleepAt = decided.actions.length === 0 ? sleepMoment(observation, policy, draft) : undefined
  if (sleepAt && sleepAt <= observation.now) return planSleep(observation, policy, draft)
  return { ...decided, againAt: earliest(decided.againAt, sleepAt) }
}

function nothing({ game }: Observation): Plan {
  return { status: game.status, events: [], actions: [], againAt: undefined }
}

function planDeletion(observation: Observation): Plan {
  const { game, now, engines } = observation
  const { metadata, spec } = game
  if (!metadata.finalizers.includes(engineFinalizer)) return nothing(observation)
  const draft = createDraft(game, now)
  draft.phase('Stopping')
  draft.turn({ nextAt: undefined, running: undefined })
  draft.condition('TurnsActive', false, 'Deleting', 'the game is being deleted')
  const away = whyAway(observation)
  notReady(draft, 'Deleting', `the game is being deleted${away === undefined ? '' : `; it is waited for: ${away}`}`)
  forgetEngine(draft)
  if (engines.some(({ state }) => state !== 'exited')) draft.event('Normal', 'Stopping', 'stopping the engine')
  const removeData = spec.storage?.retain === 'Retain' ? [] : [{ do: 'removeData' as const }]
  return draft.plan([{ do: 'removeEngine' }, ...removeData, { do: 'releaseFinalizer' }], undefined)
}

/**
 * Whoever disables reconciliation wants nothing to be touched, and a deletion would end the engine and remove its data:
 * it waits, and says so.
 */
function planHeldDeletion(observation: Observation): Plan {
  const { game, now } = observation
  if (!game.metadata.finalizers.includes(engineFinalizer)) return nothing(observation)
  const draft = createDraft(game, now)
  const { name, namespace } = game.metadata
  const message =
    `the deletion waits, because the annotation ${reconcileAnnotation} is disabled: engine and data are untouched; ` +
    `to delete them, run kubectl annotate game ${name} -n ${namespace} ${reconcileAnnotation}-`
  const before = findCondition(game.status.conditions ?? [], 'Degraded')
  if (before?.reason !== 'DeletionHeld') draft.event('Warning', 'DeletionHeld', message)
  draft.condition('Degraded', true, 'DeletionHeld', message)
  return draft.plan([], undefined)
}

/** Only where no admission stands before us; a running engine is left alone, but no turn is run. */
function planInvalid({ violations, engines }: Observation, draft: Draft): Plan {
  const said = violations.map(({ field, message }) => `${field}: ${message}`).join('; ')
  if (!engines.some(({ state }) => state === 'running')) {
    draft.phase('Failed')
    notReady(draft, 'InvalidSpec', said)
  }
  draft.turn({ nextAt: undefined, running: undefined })
  draft.condition('TurnsActive', false, 'InvalidSpec', said)
  draft.condition('Degraded', true, 'InvalidSpec', said)
  return draft.plan([], undefined)
}

function planStopped(observation: Observation, draft: Draft): Plan {
  const { game, engines } = observation
  const alive = engines.some(({ state }) => state !== 'exited')
  const finished = draft.current().finishedAt !== undefined
  draft.turn({ nextAt: undefined, running: undefined })
  tellForcedWaits(game, draft, { reason: finished ? 'Finished' : 'Stopped', message: 'spec.runState is Stopped' })
  notReady(draft, 'Stopped', 'spec.runState is Stopped')
  if (alive) {
    draft.phase('Stopping')
    return draft.plan([{ do: 'stop' }], undefined)
  }
  if (draft.current().engine.ref !== undefined)
    draft.event('Normal', 'Stopped', 'the engine is stopped, its state is kept')
  forgetEngine(draft)
  draft.condition('Degraded', false, 'AsExpected', 'nothing is wrong')
  draft.phase(finished ? 'Finished' : 'Stopped')
  return draft.plan([], undefined)
}

function planWaiting(draft: Draft, { reason, message }: Waiting): Plan {
  draft.phase('Pending')
  notReady(draft, reason, message)
  draft.condition('TurnsActive', false, reason, message)
  draft.condition('Degraded', false, reason, message)
  return draft.plan([], undefined)
}

type Waiting = { reason: 'WaitingForPlayers' | 'NoPlayers'; message: string }

/** A game starts once it has players: its roster is fixed when the engine has created it. */
function whyNoPlayers({ game: { spec, status } }: Observation): Waiting | undefined {
  const players = spec.players?.length ?? 0
  if (isTrue(status.conditions ?? [], 'Initialized')) return undefined
  if (spec.enrollment === undefined) return players === 0 ? noPlayers : undefined
  if (players >= spec.enrollment.minPlayers) return undefined
  return {
    reason: 'WaitingForPlayers',
    message: `enrollment has not filled the roster yet: ${players} of at least ${spec.enrollment.minPlayers} players`,
  }
}

const noPlayers: Waiting = {
  reason: 'NoPlayers',
  message: 'the game waits for players: spec.players is empty, and is fixed once the engine has created the game',
}

function expiry({ game: { spec, status } }: Observation): Date | undefined {
  const ttlMs = spec.ttlAfterFinished === undefined ? undefined : parseDuration(spec.ttlAfterFinished)
  if (ttlMs === undefined || status.finishedAt === undefined) return undefined
  return new Date(Date.parse(status.finishedAt) + ttlMs)
}

function earliest(...moments: (Date | undefined)[]): Date | undefined {
  return moments.filter((each) => each !== undefined).sort((a, b) => a.getTime() - b.getTime())[0]
}
