import { findCondition } from '../platform/kubernetes/conditions.ts'
import { parseDuration } from '../platform/settings.ts'
import type { Game } from './game.ts'

/**
 * Asks for the game's engine to be awake, by any value that it has not had before. The controllers' internal API writes
 * the moment.
 */
export const wakeAnnotation = 'galaxy.dev/wake'
/** When a player last called the game, to the minute. Written by the controllers' internal API only. */
export const lastActivityAnnotation = 'galaxy.dev/last-activity'

/** The reason of EngineReady and Ready while the engine sleeps, its state kept. */
export const hibernatedReason = 'Hibernated'

/** True while the game's engine is stopped because nobody plays. */
export function isHibernated({ status }: Pick<Game, 'status'>): boolean {
  return findCondition(status.conditions ?? [], 'EngineReady')?.reason === hibernatedReason
}

/**
 * Somebody asks for the engine to be awake who has not been seen to yet. Told by the value, not by the time in it: that is
 * of another clock. What fell asleep before its status knew values is told by the time.
 */
export function isWanted({ metadata, status }: Game): boolean {
  const wish = metadata.annotations[wakeAnnotation]
  const seen = status.hibernation?.wake
  if (wish === undefined || seen !== undefined) return wish !== undefined && wish !== seen
  const asleep = findCondition(status.conditions ?? [], 'EngineReady')
  return !isHibernated({ status }) || Date.parse(wish) >= Date.parse(asleep?.lastTransitionTime ?? '')
}

/** How long the engine stays without a player, in milliseconds; undefined when it never sleeps. */
export function idleAfterMs({ spec }: Game): number | undefined {
  return spec.hibernation && parseDuration(spec.hibernation.idleAfter)
}
