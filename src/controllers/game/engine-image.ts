import semver from 'semver'
import { findCondition, isTrue } from '../../platform/kubernetes/conditions.ts'
import type { EngineVersion, Game } from '../../resources/index.ts'
import type { Draft } from './draft.ts'

export type WantedImage = { image: string; version: string | undefined } | { missing: string }

/**
 * The engine that the game should run. A version once pinned in the status is kept for as long as the range contains
 * it; otherwise the highest enabled one is taken. A version that is disabled is kept by the games that were created with
 * it, and by no others. A status that was lost is no reason to replace the engine that runs: `runningImage` then tells
 * which version it was.
 */
export function wantedImage(
  { spec, status }: Game,
  engineVersions: readonly EngineVersion[],
  runningImage: string | undefined,
): WantedImage {
  const { image, version: range } = spec.engine
  if (image !== undefined) return { image, version: undefined }
  if (range === undefined) return { missing: 'neither engine.version nor engine.image is set' }
  const running = engineVersions.find((each) => each.spec.image === runningImage)
  const pinned = status.engine?.version ?? running?.spec.version
  const known = engineVersions.filter((each) => semver.satisfies(each.spec.version, range))
  const isCreated = runningImage !== undefined || isTrue(status.conditions ?? [], 'Initialized')
  const isOpen = isCreated || known.some((each) => each.spec.version === pinned && isEnabled(each))
  const keep = pinned !== undefined && isOpen && semver.satisfies(pinned, range) ? pinned : undefined
  const chosen = known.find((each) => each.spec.version === keep) ?? (keep ? undefined : newest(known))
  if (chosen) return { image: chosen.spec.image, version: chosen.spec.version }
  // The pinned version's resource is gone; the game still knows what it runs.
  if (keep !== undefined && status.engine?.image !== undefined) return { image: status.engine.image, version: keep }
  return { missing: `no enabled EngineVersion matches ${range}; ${listed(engineVersions)}` }
}

const maxListed = 20

/** The versions that a Game of this namespace may ask for, the highest first. */
function listed(engineVersions: readonly EngineVersion[]): string {
  if (engineVersions.length === 0) return 'there is none: apply one, or set spec.engine.image instead'
  const sorted = engineVersions.toSorted((a, b) => semver.rcompare(a.spec.version, b.spec.version))
  const names = sorted.slice(0, maxListed).map((each) => `${each.spec.version}${isEnabled(each) ? '' : ' (disabled)'}`)
  const more = sorted.length > maxListed ? ` and ${sorted.length - maxListed} more` : ''
  return `there are ${names.join(', ')}${more}`
}

/** Told again when there are other versions to choose from. */
export function tellNoVersion({ status }: Pick<Game, 'status'>, draft: Draft, message: string): void {
  const before = findCondition(status.conditions ?? [], 'Degraded')
  const isKnown = before?.status === 'True' && before.reason === 'NoEngineVersion' && before.message === message
  if (!isKnown) draft.event('Warning', 'NoEngineVersion', message)
  draft.condition('Degraded', true, 'NoEngineVersion', message)
}

function isEnabled({ spec, metadata }: EngineVersion): boolean {
  return !spec.disabled && metadata.deletionTimestamp === undefined
}

function newest(engineVersions: readonly EngineVersion[]): EngineVersion | undefined {
  return engineVersions.filter(isEnabled).sort((a, b) => semver.rcompare(a.spec.version, b.spec.version))[0]
}
