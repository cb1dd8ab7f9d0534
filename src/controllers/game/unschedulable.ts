import { findCondition } from '../../platform/kubernetes/conditions.ts'
import type { Draft } from './draft.ts'
import type { Observation } from './observation.ts'

/** What Degraded says of a start that only takes its time: it is over, and no failure, when the engine is well. */
export const waits: ReadonlySet<string> = new Set(['Unschedulable', 'SlowStart'])

/** No machine can have the game's engine for now: nothing has failed. People are told, once. */
export function tellUnschedulable(game: Observation['game'], draft: Draft, why: string): void {
  tellWait(game, draft, 'Unschedulable', why)
}

/** Its machine takes longer to prepare it than starts may take: that may be right, and somebody may want to look. */
export function tellSlow(game: Observation['game'], draft: Draft, why: string): void {
  tellWait(game, draft, 'SlowStart', why)
}

function tellWait({ status }: Observation['game'], draft: Draft, reason: string, why: string): void {
  const before = findCondition(status.conditions ?? [], 'Degraded')
  if (before?.status !== 'True' || before.reason !== reason) draft.event('Warning', reason, why)
  draft.condition('Degraded', true, reason, why)
}
