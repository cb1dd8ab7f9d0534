import { findCondition, isTrue } from '../../platform/kubernetes/conditions.ts'
import {
  askedTurn,
  type Game,
  hibernatedReason,
  idleAfterMs,
  isHibernated,
  isWanted,
  lastActivityAnnotation,
  wakeAnnotation,
} from '../../resources/index.ts'
import type { Plan } from './action.ts'
import { type Draft, forgetEngine, notReady } from './draft.ts'
import { passSkipped, planNextTurn } from './next-turn.ts'
import type { Observation } from './observation.ts'
import type { Policy } from './policy.ts'

/**
 * Sleep is a state of its own, which the status keeps: an engine that is asleep stays so until there is a reason to wake
 * it, and one that is not there for any other reason is started. Undefined when the game is awake, or is to be.
 */
export function planAsleep(observation: Observation, policy: Policy, draft: Draft): Plan | undefined {
  const { game, now } = observation
  if (!isHibernated(game)) return undefined
  const why = reasonToWake(game, policy, now)
  if (why === undefined) return planSleep(observation, policy, draft)
  draft.event('Normal', 'Woken', why)
  notReady(draft, 'Waking', why)
  return undefined
}

/** Whoever asks for the engine has been heard, from here on by our own clock. */
export function noteWish({ game }: Observation, draft: Draft): void {
  if (!game.spec.hibernation || !isWanted(game)) return
  draft.set({ hibernation: { wake: game.metadata.annotations[wakeAnnotation], wokenAt: draft.now.toISOString() } })
}

/**
 * When the engine may go to sleep, as far as is known now; undefined while it must not, or never. The state of a turn and
 * of the engine are the draft's: the rest of the pass has been decided.
 */
export function sleepMoment({ game, now, unfetched }: Observation, policy: Policy, draft: Draft): Date | undefined {
  const idleMs = idleAfterMs(game)
  const { turn, engine, hibernation, conditions = [] } = draft.current()
  // What goes on crashing is not asleep, and is not yet well.
  if (engine.crashes > 0) return undefined
  if (idleMs === undefined || !isTrue(conditions, 'Ready') || typeof turn.running === 'number') return undefined
  // Another image is asked for and cannot be had: a sleeping engine could not be started again from the old one.
  if ((engine.failures > 0 || unfetched !== undefined) && engine.imageDigest === undefined) return undefined
  // The lobby's registration changes no spec, so it would wake nobody.
  if (findCondition(conditions, 'TurnsActive')?.reason === 'WaitingForRegistration') return undefined
  if (turn.nextAt && Date.parse(turn.nextAt) - now.getTime() <= 2 * policy.wakeLeadMs) return undefined
  const lastWantedMs = Math.max(
    calledMs(game, now),
    Date.parse(hibernation?.wokenAt ?? longAgo),
    since(conditions, 'Initialized'),
  )
  // Whoever woke it needs time to call it, however short the idle time is.
  return new Date(Math.max(lastWantedMs + idleMs, since(conditions, 'EngineReady') + policy.minAwakeMs))
}

/** The engine is stopped, or is about to be: its data is kept, and its turns come on time. */
export function planSleep({ game, engines }: Observation, policy: Policy, draft: Draft): Plan {
  const message = `no player has called for ${game.spec.hibernation?.idleAfter ?? ''}; the state is kept`
  if (!isHibernated(game)) {
    draft.event('Normal', 'Hibernated', message)
    const { hibernation } = draft.current()
    draft.set({ hibernation: { ...hibernation, wake: hibernation?.wake ?? null } })
  }
  forgetEngine(draft)
  draft.phase(draft.current().finishedAt === undefined ? 'Hibernated' : 'Finished')
  notReady(draft, hibernatedReason, message)
  passSkipped(game.spec.turns, draft)
  // Anew each time: the clock by which it was reckoned may have been wrong.
  if (draft.current().turn.nextAt) planNextTurn(game.spec.turns, draft)
  const { nextAt, skipAt } = draft.current().turn
  const wakeAt = nextAt ? new Date(Date.parse(skipAt ?? nextAt) - (skipAt ? 0 : policy.wakeLeadMs)) : undefined
  if (engines.some(({ state }) => state !== 'exited')) return draft.plan([{ do: 'stop' }], wakeAt)
  return draft.plan([], wakeAt)
}

/**
 * A spec that was edited while the engine slept wakes it: so a forced turn, a new schedule or another state to run in are
 * looked at as always, and there is no second way to do it. Then it sleeps again.
 */
function reasonToWake(game: Game, policy: Policy, now: Date): string | undefined {
  const { metadata, spec, status } = game
  const asleep = findCondition(status.conditions ?? [], 'EngineReady')
  if (!spec.hibernation || asleep?.observedGeneration !== metadata.generation) return 'the spec has changed'
  if (isWanted(game)) return 'somebody wants to play'
  if (askedTurn(game) !== undefined && isTrue(status.conditions ?? [], 'TurnsActive')) return 'a turn is asked for'
  const { nextAt, running, number = 0 } = status.turn ?? {}
  if (typeof running === 'number') return `turn ${running} is owed`
  const isDue = nextAt && Date.parse(nextAt) - policy.wakeLeadMs <= now.getTime()
  return isDue ? `turn ${number + 1} is due at ${nextAt}` : undefined
}

const longAgo = '1970-01-01T00:00:00Z'
/** Clocks differ by less. */
const maxAheadMs = 300_000

/** When a player last called, in milliseconds; long ago when nothing tells, or what it tells is yet to come. */
function calledMs({ metadata }: Game, now: Date): number {
  const ms = Date.parse(metadata.annotations[lastActivityAnnotation] ?? '')
  return Number.isNaN(ms) || ms > now.getTime() + maxAheadMs ? 0 : ms
}

function since(conditions: NonNullable<Game['status']['conditions']>, type: string): number {
  return Date.parse(findCondition(conditions, type)?.lastTransitionTime ?? longAgo)
}
