import { findCondition } from '../platform/kubernetes/conditions.ts'
import { parseDuration } from '../platform/settings.ts'
import type { Game } from './game.ts'

/** When somebody last asked for the game's engine to be awake. Written by the controllers' internal API only. */
export const wakeAnnotation = 'galaxy.dev/wake'
/** When a player last called the game, to the minute. Written by the controllers' internal API only. */
export const lastActivityAnnotation = 'galaxy.dev/last-activity'

/** The reason of EngineReady and Ready while the engine sleeps, its state kept. */
export const hibernatedReason = 'Hibernated'

/** True while the game's engine is stopped because nobody plays. */
export function isHibernated({ status }: Game): boolean {
  return findCondition(status.conditions ?? [], 'EngineReady')?.reason === hibernatedReason
}

/** How long the engine stays without a player, in milliseconds; undefined when it never sleeps. */
export function idleAfterMs({ spec }: Game): number | undefined {
  return spec.hibernation && parseDuration(spec.hibernation.idleAfter)
}
