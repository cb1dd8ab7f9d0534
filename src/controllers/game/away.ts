import { findCondition } from '../../platform/kubernetes/conditions.ts'
import type { Draft } from './draft.ts'
import type { Observation } from './observation.ts'

/** Why the host cannot tell whether the game's engine still runs; undefined when it can. */
export function whyAway({ engines }: Pick<Observation, 'engines'>): string | undefined {
  return engines.find(({ away }) => away !== undefined)?.away
}

/** Nothing takes the place of an engine that is away, whether it answers or not: people are told, once. */
export function tellAway({ game }: Observation, draft: Draft, why: string): string {
  const message = `${why}; the engine may still run there, so no other is started until that is known`
  const before = findCondition(game.status.conditions ?? [], 'Degraded')
  if (before?.reason !== 'NodeAway') draft.event('Warning', 'NodeAway', message)
  draft.condition('Degraded', true, 'NodeAway', message)
  return message
}
