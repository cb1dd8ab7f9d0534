import type { ResourceClient } from '../../platform/kubernetes/client.ts'
import { failedWith } from '../../platform/kubernetes/errors.ts'
import type { EventRecorder } from '../../platform/kubernetes/events.ts'
import type { Informer } from '../../platform/kubernetes/informer.ts'
import { keyOf, type ObjectMeta } from '../../platform/kubernetes/objects.ts'
import type { Log } from '../../platform/log.ts'
import { engineFinalizer, type Game, gameKind, reconcileAnnotation } from '../../resources/index.ts'
import type { Host } from '../hosts/index.ts'
import type { Reconcile } from '../operator/index.ts'
import { fieldManager } from './apply.ts'

export type UnreadablePorts = {
  games: Pick<ResourceClient<Game>, 'patch'>
  cache: Pick<Informer<Game>, 'unreadable'>
  host: Pick<Host, 'remove'>
  events: Pick<EventRecorder, 'record'>
  log: Log
}

/**
 * A Game that this version cannot read (a later one wrote it, and was rolled back) is left alone together with its engine,
 * and says so. Only its deletion is carried out, unless reconciliation is disabled; its data is kept, because whether to
 * keep it is what cannot be read.
 */
export function createUnreadableGate({ games, cache, host, events, log }: UnreadablePorts) {
  return function sparingUnreadable(reconcile: Reconcile): Reconcile {
    return async (key, signal) => {
      const found = cache.unreadable().find(({ metadata: { namespace, name } }) => {
        return namespace === key.namespace && name === key.name
      })
      if (!found) return reconcile(key, signal)
      if (found.metadata.deletionTimestamp === undefined) tell(found.metadata, found.problem)
      else if (mayGo(found.metadata)) await letGo(found.metadata)
      return {}
    }
  }

  function mayGo({ finalizers, annotations }: ObjectMeta): boolean {
    return finalizers.includes(engineFinalizer) && annotations[reconcileAnnotation] !== 'disabled'
  }

  function tell(metadata: ObjectMeta, problem: string): void {
    const message = `this version of the controller cannot read it, and leaves it and its engine alone: ${problem}`
    const { group, version, kind } = gameKind
    events.record(
      { apiVersion: `${group}/${version}`, kind, metadata },
      { type: 'Warning', reason: 'Unreadable', message },
    )
  }

  async function letGo(metadata: ObjectMeta): Promise<void> {
    const { namespace, name, uid, resourceVersion } = metadata
    await host.remove({ namespace, name, uid })
    const finalizers = metadata.finalizers.filter((each) => each !== engineFinalizer)
    await games
      .patch(keyOf({ metadata }), { metadata: { finalizers, resourceVersion, uid } }, { fieldManager })
      .catch((error: unknown) => {
        // It was done: what is left of the Game can no more be read than before.
        if (!failedWith(error, 'NotFound') && !failedWith(error, 'BadAnswer')) throw error
      })
    log.warn({ game: name, namespace }, 'a deleted Game that cannot be read was let go of; its data is kept')
  }
}
