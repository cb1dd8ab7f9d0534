import { withCondition } from '../../platform/kubernetes/conditions.ts'
import { type EngineVersion, type Game, inUseFinalizer } from '../../resources/index.ts'

export type EngineVersionPlan = {
  status: EngineVersion['status']
  /** The finalizers it should have; the same list when there is nothing to change. */
  finalizers: readonly string[]
  /** Set when it is deleted but still in use. */
  blocked: string | undefined
}

/** Decides about one EngineVersion: it is kept for as long as a Game runs it, that is, has `users`. Pure. */
export function planEngineVersion(engineVersion: EngineVersion, users: readonly Game[], now: Date): EngineVersionPlan {
  const { metadata, spec, status } = engineVersion
  const conditions = withCondition(status.conditions ?? [], resolved(spec), {
    now,
    observedGeneration: metadata.generation,
  })
  const deleted = metadata.deletionTimestamp !== undefined
  const others = metadata.finalizers.filter((each) => each !== inUseFinalizer)
  const release = deleted && users.length === 0
  const keep =
    metadata.finalizers.includes(inUseFinalizer) || deleted ? metadata.finalizers : [...others, inUseFinalizer]
  return {
    status: { observedGeneration: metadata.generation, games: users.length, conditions },
    finalizers: release ? others : keep,
    blocked: deleted && users.length > 0 ? `still run by ${named(users)}` : undefined,
  }
}

function resolved({ disabled, image }: EngineVersion['spec']) {
  const message = disabled ? 'games that run it go on, no new game starts with it' : `games may start with ${image}`
  return { type: 'Resolved', status: 'True' as const, reason: disabled ? 'Disabled' : 'Available', message }
}

function named(games: readonly Game[]): string {
  const names = games.slice(0, 3).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
  const more = games.length - names.length
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
}
