import type { Game } from '../../resources/index.ts'
import type { EngineInstance } from '../hosts/index.ts'
import type { Action, Plan } from './action.ts'
import { createDraft, forgetEngine, notReady, recordFailure, started } from './draft.ts'
import { tellVolume } from './volume-plan.ts'

/** What became of an action that has something to report. */
export type Outcome =
  | { of: 'pull'; image: string; imageDigest: string; tookMs: number }
  | { of: 'start'; instance: EngineInstance }
  | { of: 'runTurn'; turn: number; tookMs: number }
  | { of: 'growData'; size: string }
  | { of: 'failed'; action: Action; reason: string; message: string; engineEnded: boolean }

/** The status after an action, with the events to tell. Pure; the next pass decides what follows from it. */
export function settle(game: Game, outcome: Outcome, now: Date): Pick<Plan, 'status' | 'events'> {
  const draft = createDraft(game, now)
  switch (outcome.of) {
    case 'pull':
      draft.engine({ image: outcome.image, imageDigest: outcome.imageDigest })
      draft.event('Normal', 'Pulled', `${outcome.image} is here (${outcome.tookMs} ms)`)
      break
    case 'start': {
      const { ref, endpoint, startedAt, imageDigest, state, exit } = outcome.instance
      // It is on its way, and told of once it runs; or it never ran, and is no engine that ended.
      if (state === 'starting' || exit?.turnedAway !== undefined) break
      draft.engine({ ref, endpoint, startedAt, ...(imageDigest === undefined ? {} : { imageDigest }) })
      draft.event('Normal', 'Started', started(outcome.instance))
      break
    }
    case 'runTurn':
      settleTurn(outcome, draft)
      break
    case 'growData':
      draft.event('Normal', 'VolumeGrowing', `asked for a volume of ${outcome.size}`)
      break
    case 'failed':
      if (outcome.action.do === 'runTurn') settleFailedTurn(outcome, draft)
      else if (outcome.action.do === 'growData') tellVolume(draft, game, 'CannotGrow', outcome.message)
      else settleFailedStart(outcome, draft)
  }
  const { status, events } = draft.plan([], undefined)
  return { status, events }
}

type Draft = ReturnType<typeof createDraft>

function settleTurn({ turn, tookMs }: { turn: number; tookMs: number }, draft: Draft): void {
  draft.turn({
    number: turn,
    running: undefined,
    lastAt: draft.now.toISOString(),
    lastDurationMs: tookMs,
    attempts: 0,
    failedTurns: 0,
    lastAttemptAt: undefined,
    lastError: undefined,
  })
  draft.event('Normal', 'TurnGenerated', `turn ${turn} (${tookMs} ms)`)
}

type Failed = Extract<Outcome, { of: 'failed' }>

function settleFailedTurn({ message, action }: Failed, draft: Draft): void {
  const { attempts } = draft.current().turn
  const at = draft.now.toISOString()
  draft.turn({ attempts: attempts + 1, lastAttemptAt: at, lastError: message.slice(0, 1000) })
  const number = action.do === 'runTurn' ? action.turn : 0
  draft.event('Warning', 'TurnFailed', `turn ${number}, attempt ${attempts + 1}: ${message}`)
}

function settleFailedStart({ reason, message, engineEnded, action }: Failed, draft: Draft): void {
  recordFailure(draft, reason, message)
  notReady(draft, reason, message)
  if (action.do === 'start' || action.do === 'pull') draft.engine({ imageDigest: undefined })
  if (engineEnded) forgetEngine(draft)
}
