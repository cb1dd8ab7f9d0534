import { findCondition } from '../../platform/kubernetes/conditions.ts'
import type { EngineStatus } from '../../engine-contract/index.ts'
import type { EngineTarget, Plan } from './action.ts'
import { askedTurn, type Game } from '../../resources/index.ts'
import { degrade } from './degraded.ts'
import type { Draft } from './draft.ts'
import { planNextTurn, skipForForced, takeDueTurn, type Turns } from './next-turn.ts'
import type { Observation } from './observation.ts'
import { type Policy, waitMs } from './policy.ts'
import { tellForcedWaits } from './forced-waits.ts'

const noFailures = { attempts: 0, lastAttemptAt: undefined, lastError: undefined, failedTurns: 0 }

type Ready = { engine: EngineTarget; status: EngineStatus }

/** The engine is well and knows its game: what about its turns? */
export function planTurns(observation: Observation, policy: Policy, draft: Draft, ready: Ready): Plan {
  takeOver(observation, draft, ready.status)
  settleGivenUp(policy, draft)
  degrade(observation, policy, draft)
  const rest = whyNoTurns(observation, policy, draft, ready.status)
  if (rest) return planRest(observation, policy, draft, rest)
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

function planRest({ game }: Observation, policy: Policy, draft: Draft, { reason, message }: Rest): Plan {
  const before = findCondition(draft.current().conditions ?? [], 'TurnsActive')?.reason
  if (before !== reason && reason !== 'Finished') {
    draft.event(
      reason === 'TurnFailures' ? 'Warning' : 'Normal',
      reason === 'TurnFailures' ? 'Paused' : reason,
      message,
    )
  }
  tellForcedWaits(game, draft, { reason, message })
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
  const { turns } = game.spec
  const dueAt = consumeForce(game, draft) ?? takeDueTurn(turns, policy, draft)
  if (dueAt) draft.turn({ running: turn.number + 1 })
  planNextTurn(turns, draft)
  if (!dueAt) return draft.plan([], nextLook(draft, policy))
  return draft.plan([{ do: 'runTurn', engine, turn: turn.number + 1, dueAt }], undefined)
}

/** It was begun before: the engine answers alike if it has it already. */
function planOwed(seed: string, policy: Policy, draft: Draft, engine: EngineTarget): Plan {
  const { turn } = draft.current()
  const retryAt = retryMomentOf(turn, policy, seed)
  if (retryAt && retryAt > draft.now) return draft.plan([], retryAt)
  return draft.plan([{ do: 'runTurn', engine, turn: turn.number + 1, dueAt: undefined }], undefined)
}

function consumeForce(game: Game, draft: Draft): Date | undefined {
  const { turns } = game.spec
  if (!consumeToken(turns, draft)) {
    const asked = askedTurn({ ...game, status: draft.current() })
    if (asked === undefined) return undefined
    draft.turn({ forceTurn: asked })
  }
  skipForForced(turns, draft)
  return draft.now
}

function consumeToken(turns: Turns | undefined, draft: Draft): boolean {
  const token = turns?.forceToken || null
  if (token === draft.current().turn.forceToken) return false
  draft.turn({ forceToken: token })
  // A token that is taken away asks for nothing.
  return token !== null
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
  const { nextAt, skipAt } = draft.current().turn
  const looks = [nextAt, skipAt].flatMap((moment) => (moment ? [new Date(moment)] : []))
  return looks.reduce((first, each) => (each < first ? each : first), soon(draft, policy))
}

function soon(draft: Draft, { healthCheckMs }: Policy): Date {
  return new Date(draft.now.getTime() + healthCheckMs)
}
