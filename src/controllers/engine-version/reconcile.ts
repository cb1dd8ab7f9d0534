import { canonicalJson } from '../../platform/json.ts'
import type { ResourceClient } from '../../platform/kubernetes/client.ts'
import type { EventRecorder } from '../../platform/kubernetes/events.ts'
import type { Informer } from '../../platform/kubernetes/informer.ts'
import { keyOf } from '../../platform/kubernetes/objects.ts'
import type { EngineVersion, Game } from '../../resources/index.ts'
import type { Reconcile } from '../operator/index.ts'
import { planEngineVersion } from './plan.ts'
import { usersOf } from './users.ts'

const fieldManager = 'galaxy-controller'

/** Nothing tells when the last Game that could not be read is gone. */
const lookAgainMs = 30_000

export type EngineVersionPorts = {
  engineVersions: Pick<ResourceClient<EngineVersion>, 'patch' | 'replaceStatus'>
  cache: Pick<Informer<EngineVersion>, 'get' | 'list' | 'written'>
  games: Pick<Informer<Game>, 'knows' | 'list' | 'unreadable'>
  /** Games of every namespace may use the EngineVersions of this one. */
  sharedNamespace: string
  events: EventRecorder
  now: () => Date
}

export function createEngineVersionReconciler({
  engineVersions,
  cache,
  games,
  sharedNamespace,
  events,
  now,
}: EngineVersionPorts): Reconcile {
  /** What each deleted one was last said to wait for, by uid: the games that it waits for bring many passes. */
  const told = new Map<string, string>()

  return async function reconcile(key) {
    const before = cache.get(key)
    if (!before) return {}
    const planned = planEngineVersion(before, usersOf(before, { games, versions: cache, sharedNamespace }), now())
    const mayBeInUse = planned.finalizers.length < before.metadata.finalizers.length && isOutOfSight(before)
    tellBlocked(before, mayBeInUse ? 'Games that cannot be read may run it' : planned.blocked)
    if (mayBeInUse) return { requeueAfterMs: lookAgainMs }
    if (canonicalJson(planned.finalizers) !== canonicalJson(before.metadata.finalizers)) {
      const { resourceVersion, uid } = before.metadata
      const metadata = { finalizers: planned.finalizers, resourceVersion, uid }
      cache.written(await engineVersions.patch(keyOf(before), { metadata }, { fieldManager }))
      return { requeueAfterMs: 0 }
    }
    if (canonicalJson(planned.status) !== canonicalJson(before.status)) {
      cache.written(await engineVersions.replaceStatus({ ...before, status: planned.status }, { fieldManager }))
    }
    return {}
  }

  /** Whether there may be Games that could run it and that nobody has shown to us. */
  function isOutOfSight({ metadata: { namespace } }: EngineVersion): boolean {
    const isShared = namespace === sharedNamespace
    if (!games.knows(isShared ? undefined : namespace)) return true
    return games.unreadable().some(({ metadata }) => isShared || metadata.namespace === namespace)
  }

  function tellBlocked(engineVersion: EngineVersion, message: string | undefined): void {
    const { uid } = engineVersion.metadata
    if (message === undefined) told.delete(uid)
    else if (told.get(uid) !== message) {
      told.set(uid, message)
      events.record(engineVersion, { type: 'Warning', reason: 'InUse', message })
    }
  }
}
