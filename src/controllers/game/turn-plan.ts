import { findCondition } from '../../platform/kubernetes/conditions.ts'
import type { EngineStatus } from '../../engine-contract/index.ts'
import type { EngineTarget, Plan } from './action.ts'
import { tellAway, whyAway } from './away.ts'
import { askedTurn, type Game } from '../../resources/index.ts'
import type { Draft } from './draft.ts'
import type { Observation } from './observation.ts'
import { type Policy, waitMs } from './policy.ts'
import { isRun, nextRun } from './schedule.ts'
import { tellUnschedulable, waits } from './unschedulable.ts'

const noFailures = { attempts: 0, lastAttemptAt: undefined, lastError: undefined, failedTurns: 0 }

type Ready = { engine: EngineTarget; status: EngineStatus }

/** The engine is well and knows its game: what about its turns? */
export function planTurns(observation: Observation, policy: Policy, draft: Draft, ready: Ready): Plan {
  takeOver(observation, draft, ready.status)
  settleGivenUp(policy, draft)
  degrade(observation, policy, draft)
  const rest = whyNoTurns(observation, policy, draft, ready.status)
  if (rest) return planRest(policy, draft, rest)
  draft.phase('Running')
  const { schedule } = observation.game.spec.turns ?? {}
  if (schedule === undefined) draft.condition('TurnsActive', true, 'OnDemand', 'turns run when forceToken changes')
  else draft.condition('TurnsActive', true, 'Scheduled', `turns run by ${schedule}`)
  return planDue(observation, policy, draft, ready.engine)
}

/** The engine's state is the truth: a turn that was generated but not recorded is recorded now. */
function takeOver({ game }: Observation, draft: Draft, { turn, players }: EngineStatus): void {
  const { number, running } = draft.current().turn
  const eliminated = players.filter((player) => player.eliminated).length
  draft.set({ players: { count: game.spec.players?.length ?? players.length, eliminated } })
  if (turn !== number) {
    draft.turn({ number: turn, lastAt: draft.now.toISOString(), ...noFailures })
    if (turn > number) draft.event('Normal', 'TurnGenerated', `turn ${turn}, found generated but not recorded`)
    else draft.event('Warning', 'TurnRolledBack', `the engine stands at turn ${turn}, not ${number}`)
  }
  if (running !== turn + 1) draft.turn({ running: undefined })
}

/** An owed turn that failed as often as it may is given up; the schedule goes on. */
function settleGivenUp({ turnAttempts }: Policy, draft: Draft): void {
  const { attempts, failedTurns } = draft.current().turn
  if (attempts < turnAttempts) return
  draft.turn({ running: undefined, attempts: 0, lastAttemptAt: undefined, failedTurns: failedTurns + 1 })
}

function degrade(observation: Observation, policy: Policy, draft: Draft): void {
  const { engineVersions, game } = observation
  const { turn, engine } = draft.current()
  const ranMs = draft.now.getTime() - Date.parse(engine.startedAt ?? draft.now.toISOString())
  // Another image is asked for and cannot be had: that stays told, although the old engine is well.
  const { unfetched } = observation
  if (engine.imageDigest === undefined && unfetched !== undefined) return tellUnschedulable(game, draft, unfetched)
  if (engine.failures > 0 && engine.imageDigest === undefined) return
  if (ranMs >= policy.stableAfterMs) draft.engine({ failures: 0, lastFailureAt: undefined, turnedAway: undefined })
  const away = whyAway(observation)
  if (away !== undefined) return void tellAway(observation, draft, away)
  if (turn.failedTurns > 0) {
    return draft.condition('Degraded', true, 'TurnFailed', turn.lastError ?? 'a due turn failed and was given up')
  }
  const { version } = game.spec.engine
  if (version !== undefined && engineVersions.every(({ spec }) => spec.version !== engine.version)) {
    return draft.condition(
      'Degraded',
      true,
      'NoEngineVersion',
      `no EngineVersion ${engine.version ?? version} exists any more`,
    )
  }
  const onlyWaited = waits.has(findCondition(game.status.conditions ?? [], 'Degraded')?.reason ?? '')
  if (onlyWaited || draft.current().engine.failures < 3)
    draft.condition('Degraded', false, 'AsExpected', 'nothing is wrong')
}

type Rest = { reason: 'Finished' | 'Paused' | 'TurnFailures' | 'WaitingForRegistration'; message: string }

function whyNoTurns({ game }: Observation, policy: Policy, draft: Draft, engine: EngineStatus): Rest | undefined {
  const { spec, status } = game
  const { turn } = draft.current()
  const over = spec.turns?.maxTurns !== undefined && turn.number >= spec.turns.maxTurns
  if (engine.finished || over) {
    if (status.finishedAt === undefined) {
      draft.set({ finishedAt: draft.now.toISOString(), ...(engine.result ? { result: engine.result } : {}) })
      draft.event(
        'Normal',
        'Finished',
        over && !engine.finished ? `turn ${turn.number} was the last` : 'the game is over',
      )
    }
    return { reason: 'Finished', message: `the game finished at turn ${turn.number}` }
  }
  draft.set({ finishedAt: undefined, result: undefined })
  if (spec.runState === 'Paused') return { reason: 'Paused', message: 'spec.runState is Paused' }
  if (turn.failedTurns >= policy.turnFailureLimit) {
    return {
      reason: 'TurnFailures',
      message: `${turn.failedTurns} due turns failed; change the spec or forceToken to go on`,
    }
  }
  if (spec.enrollment && status.registeredAt === undefined) {
    return { reason: 'WaitingForRegistration', message: 'the lobby has not registered the runtime yet' }
  }
  return undefined
}

function planRest(policy: Policy, draft: Draft, { reason, message }: Rest): Plan {
  const before = findCondition(draft.current().conditions ?? [], 'TurnsActive')?.reason
  if (before !== reason && reason !== 'Finished') {
    draft.event(
      reason === 'TurnFailures' ? 'Warning' : 'Normal',
      reason === 'TurnFailures' ? 'Paused' : reason,
      message,
    )
  }
  draft.condition('TurnsActive', false, reason, message)
  draft.phase(reason === 'Finished' ? 'Finished' : reason === 'WaitingForRegistration' ? 'Running' : 'Paused')
  draft.turn({ nextAt: undefined, running: undefined })
  return draft.plan([], soon(draft, policy))
}

/**
 * What is due becomes owed (`turn.running`) in the same write that consumes its trigger (the token, the scheduled
 * moment). So whatever dies afterwards, the turn is run, and one trigger never runs two.
 */
function planDue({ game }: Observation, policy: Policy, draft: Draft, engine: EngineTarget): Plan {
  const { turn } = draft.current()
  if (typeof turn.running === 'number') return planOwed(game.metadata.uid, policy, draft, engine)
  const dueAt = consumeForce(game, draft) ?? consumeTick(game.spec.turns, policy, draft)
  if (!dueAt) return draft.plan([], nextLook(draft, policy))
  draft.turn({ running: turn.number + 1 })
  return draft.plan([{ do: 'runTurn', engine, turn: turn.number + 1, dueAt }], undefined)
}

/** It was begun before: the engine answers alike if it has it already. */
function planOwed(seed: string, policy: Policy, draft: Draft, engine: EngineTarget): Plan {
  const { turn } = draft.current()
  const retryAt = retryMomentOf(turn, policy, seed)
  if (retryAt && retryAt > draft.now) return draft.plan([], retryAt)
  return draft.plan([{ do: 'runTurn', engine, turn: turn.number + 1, dueAt: undefined }], undefined)
}

type Turns = NonNullable<Game['spec']['turns']>

/** A forced turn stands in for the scheduled one after it, which is skipped when it comes. */
function consumeForce(game: Game, draft: Draft): Date | undefined {
  const { turns } = game.spec
  if (!consumeToken(turns, draft)) {
    const asked = askedTurn({ ...game, status: draft.current() })
    if (asked === undefined) return undefined
    draft.turn({ forceTurn: asked })
  }
  draft.turn({ skipNext: turns?.schedule !== undefined })
  return draft.now
}

function consumeToken(turns: Turns | undefined, draft: Draft): boolean {
  const token = turns?.forceToken || null
  if (token === draft.current().turn.forceToken) return false
  draft.turn({ forceToken: token })
  // A token that is taken away asks for nothing.
  return token !== null
}

/** The scheduled moment whose turn is to be run now; what is to be skipped is passed over. */
function consumeTick(turns: Turns | undefined, policy: Policy, draft: Draft): Date | undefined {
  const { nextAt, skipNext } = draft.current().turn
  const due = typeof nextAt === 'string' ? new Date(nextAt) : undefined
  draft.turn({ nextAt: scheduledAfter(turns, draft.now) })
  if (!due || due > draft.now || !turns?.schedule || !isRun(turns.schedule, turns.timeZone, due)) return undefined
  const missed = turns.catchUp === 'Skip' && draft.now.getTime() - due.getTime() > policy.missedAfterMs
  if (!skipNext && !missed) return due
  draft.turn({ skipNext: false })
  const why = skipNext ? 'a turn was forced before it' : 'it was missed, and catchUp is Skip'
  draft.event('Normal', 'TurnSkipped', `the turn due at ${due.toISOString()} is skipped: ${why}`)
  return undefined
}

/** When the schedule names its next turn, as the status writes it. */
function scheduledAfter(turns: Turns | undefined, now: Date): string | undefined {
  if (turns?.schedule === undefined) return undefined
  return nextRun(turns.schedule, turns.timeZone, now)?.toISOString()
}

function retryMomentOf(
  { attempts, lastAttemptAt }: { attempts: number; lastAttemptAt?: string | null | undefined },
  policy: Policy,
  seed: string,
): Date | undefined {
  if (attempts === 0 || !lastAttemptAt) return undefined
  return new Date(
    Date.parse(lastAttemptAt) + Math.max(policy.turnBackoff.baseMs, waitMs(attempts + 1, policy.turnBackoff, seed)),
  )
}

function nextLook(draft: Draft, policy: Policy): Date {
  const { nextAt } = draft.current().turn
  const look = soon(draft, policy)
  return nextAt && new Date(nextAt) < look ? new Date(nextAt) : look
}

function soon(draft: Draft, { healthCheckMs }: Policy): Date {
  return new Date(draft.now.getTime() + healthCheckMs)
}
