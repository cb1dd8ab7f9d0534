import { findCondition } from '../../platform/kubernetes/conditions.ts'
import { tellAway, whyAway } from './away.ts'
import type { Draft } from './draft.ts'
import { tellNoVersion, wantedImage } from './engine-image.ts'
import type { Observation } from './observation.ts'
import type { Policy } from './policy.ts'
import { tellUnschedulable } from './unschedulable.ts'

/** Fewer engines in a row that fail after they were ready are started again without more ado. */
export const crashesUntilDegraded = 3
const crashReasons: ReadonlySet<string> = new Set(['CrashLooping', 'OutOfMemory', 'Unresponsive'])

/** What is wrong with a game whose engine is ready. What kept it from being ready is over, and counts no more. */
export function degrade(observation: Observation, policy: Policy, draft: Draft): void {
  const { game, engines, engineVersions, unfetched } = observation
  const { engine, turn } = draft.current()
  // Another image is asked for and cannot be had: that stays told, although the old engine is well.
  if (engine.imageDigest === undefined && unfetched !== undefined) return tellUnschedulable(game, draft, unfetched)
  if (engine.imageDigest === undefined && engine.failures > 0) return
  forgetStarts(policy, draft)
  const away = whyAway(observation)
  if (away !== undefined) return void tellAway(observation, draft, away)
  if (turn.failedTurns > 0) {
    return draft.condition('Degraded', true, 'TurnFailed', turn.lastError ?? 'a due turn failed and was given up')
  }
  const wanted = wantedImage(game, engineVersions, engines.find(({ state }) => state === 'running')?.image)
  if ('missing' in wanted) return tellNoVersion(game, draft, wanted.missing)
  if (wanted.version !== undefined && engineVersions.every(({ spec }) => spec.version !== wanted.version)) {
    return tellNoVersion(game, draft, `no EngineVersion ${wanted.version} exists any more`)
  }
  const told = findCondition(draft.current().conditions ?? [], 'Degraded')
  const isCrashing = draft.current().engine.crashes >= crashesUntilDegraded && crashReasons.has(told?.reason ?? '')
  if (!isCrashing) tellWell(observation, draft)
}

/** Nothing is wrong, as far as the platform can tell. */
function tellWell({ game: { spec } }: Pick<Observation, 'game'>, draft: Draft): void {
  if (spec.players?.length || spec.enrollment) draft.condition('Degraded', false, 'AsExpected', 'nothing is wrong')
  else draft.condition('Degraded', false, 'NoPlayers', 'the game was created without players: nobody can play it')
}

/** Failures of engines that were ready are only forgotten when one has run for a while. */
function forgetStarts({ stableAfterMs }: Policy, draft: Draft): void {
  const { turnedAway, crashes, startedAt } = draft.current().engine
  const ranMs = draft.now.getTime() - Date.parse(startedAt ?? draft.now.toISOString())
  if (ranMs >= stableAfterMs) {
    return draft.engine({ failures: 0, crashes: 0, lastFailureAt: undefined, turnedAway: undefined })
  }
  draft.engine({
    failures: 0,
    ...(crashes === 0 && { lastFailureAt: undefined }),
    ...(turnedAway && { turnedAway: turnedAway.evictions === 0 ? undefined : { ...turnedAway, times: 0 } }),
  })
}
