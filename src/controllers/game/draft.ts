import { findCondition, withCondition } from '../../platform/kubernetes/conditions.ts'
import {
  type EngineState,
  forceTurnAnnotation,
  type Game,
  type GamePhase,
  type GameStatus,
  type TurnState,
} from '../../resources/index.ts'
import type { EngineInstance } from '../hosts/index.ts'
import type { Action, GameEvent, Plan } from './action.ts'
import { isYetToCome } from './plausible.ts'
import { type Policy, waitMs } from './policy.ts'

export type ConditionType = 'EngineReady' | 'Initialized' | 'TurnsActive' | 'Ready' | 'VolumeReady' | 'Degraded'

/** The next status while it is being decided. */
export type Draft = ReturnType<typeof createDraft>

const freshEngine: EngineState = { restarts: 0, epoch: 0, failures: 0, crashes: 0 }
const freshTurn: TurnState = { number: 0, skipNext: false, attempts: 0, failedTurns: 0 }

export function createDraft({ metadata, spec, status: before }: Game, now: Date) {
  const { generation } = metadata
  const players = spec.players?.length ?? 0
  let status: GameStatus = { ...before, players: { count: players, eliminated: before.players?.eliminated ?? 0 } }
  const events: GameEvent[] = []
  if (before.turn?.forceToken === undefined) {
    turn({ forceToken: spec.turns?.forceToken || null, forceTurn: metadata.annotations[forceTurnAnnotation] })
  }
  if (before.observedGeneration !== generation) forgetFailures()
  status.observedGeneration = generation

  return { now, uid: metadata.uid, engine, turn, phase, condition, event, set, current, plan }

  function current() {
    return { ...status, engine: status.engine ?? freshEngine, turn: status.turn ?? freshTurn }
  }
  function set(change: Partial<Pick<GameStatus, 'finishedAt' | 'result' | 'players' | 'hibernation'>>) {
    status = { ...status, ...change }
  }
  function engine(change: Partial<EngineState>) {
    status = { ...status, engine: { ...(status.engine ?? freshEngine), ...change } }
  }
  function turn(change: Partial<TurnState>) {
    status = { ...status, turn: { ...(status.turn ?? freshTurn), ...change } }
  }
  function phase(next: GamePhase) {
    status = { ...status, phase: next }
  }
  /** `holds` is undefined when nobody knows. */
  function condition(type: ConditionType, holds: boolean | undefined, reason: string, message: string) {
    const update = {
      type,
      status: holds === undefined ? ('Unknown' as const) : holds ? ('True' as const) : ('False' as const),
      reason,
      message,
    }
    status = {
      ...status,
      conditions: withCondition(status.conditions ?? [], update, { now, observedGeneration: generation }),
    }
  }
  function event(type: GameEvent['type'], reason: string, message: string) {
    events.push({ type, reason, message })
  }
  function plan(actions: readonly Action[], againAt: Date | undefined): Plan {
    return { status, events, actions, againAt }
  }

  /** Whoever edits the spec wants it tried at once, whatever was given up before. */
  function forgetFailures() {
    if (status.engine) engine({ failures: 0, crashes: 0, lastFailureAt: undefined, turnedAway: undefined })
    turn({ attempts: 0, failedTurns: 0, lastAttemptAt: undefined })
  }
}

/** The engine is not there or not well: nobody can play. */
export function notReady(draft: Draft, reason: string, message: string): void {
  draft.condition('EngineReady', false, reason, message)
  draft.condition('Ready', false, reason, message)
}

/** In the same words from the start to its first answer: where nothing is news, nothing is written. */
export function tellStarting(draft: Draft): void {
  draft.phase('Starting')
  notReady(draft, 'Starting', 'the engine is starting')
}

/** After so many failures in a row the game counts as failed, for those who look at phases; it is tried on. */
export const failuresUntilFailed = 5

/** One more start that failed in a row. */
export function recordFailure(draft: Draft, reason: string, message: string): void {
  draft.engine({ failures: draft.current().engine.failures + 1, lastFailureAt: draft.now.toISOString() })
  tellDegraded(draft, reason, message)
}

/** One more engine in a row that failed after it had been ready. */
export function countCrash(draft: Draft): void {
  draft.engine({ crashes: draft.current().engine.crashes + 1, lastFailureAt: draft.now.toISOString() })
}

export function tellDegraded(draft: Draft, reason: string, message: string): void {
  draft.condition('Degraded', true, reason, message)
  draft.event('Warning', reason, message)
}

/** Starts that have failed, and engines that have failed after their start: each makes the next start wait longer. */
export function failedAttempts(draft: Draft): number {
  const { failures, crashes } = draft.current().engine
  return failures + crashes
}

/** No engine runs any more, as far as the status is concerned. */
export function forgetEngine(draft: Draft): void {
  draft.engine({ ref: undefined, endpoint: undefined, startedAt: undefined })
}

/** Since when an engine runs: as its host says, unless the host's clock says what cannot be. */
export function startOf(draft: Draft, { startedAt }: Pick<EngineInstance, 'startedAt'>): string {
  if (!isYetToCome(startedAt, draft.now)) return startedAt
  return draft.current().engine.startedAt ?? draft.now.toISOString()
}

/** An engine that runs, for people. */
export function started({ ref, endpoint }: Pick<EngineInstance, 'ref' | 'endpoint'>): string {
  return `engine ${ref} is started${endpoint ? ` at ${endpoint}` : ''}`
}

export function countRestart(draft: Draft): void {
  draft.engine({ restarts: draft.current().engine.restarts + 1 })
}

/** When a start or initialisation that failed may be tried again. */
export function retryMoment(draft: Draft, policy: Policy): Date | undefined {
  const { lastFailureAt } = draft.current().engine
  const attempts = failedAttempts(draft)
  if (attempts === 0 || lastFailureAt === undefined) return undefined
  return new Date(Date.parse(lastFailureAt) + waitMs(attempts, policy.restartBackoff, draft.uid))
}

const stillReady = new Set(['Unreachable', 'ManyUnreachable', 'BadAnswer', 'NodeAway'])

/** The engine had been well when this pass began; one that only stopped answering counts. */
export function wasReady({ status }: Game): boolean {
  const condition = findCondition(status.conditions ?? [], 'EngineReady')
  return condition?.status === 'True' || stillReady.has(condition?.reason ?? '')
}
