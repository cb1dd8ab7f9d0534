import { z } from 'zod'
import type { ResourceClient } from '../../../platform/kubernetes/client.ts'
import { ObjectMeta, type ResourceKind } from '../../../platform/kubernetes/objects.ts'
import type { GameRef } from '../port.ts'
import type { Claim } from './kinds.ts'
import { objectKey } from './names.ts'
import type { View } from './view.ts'

const StorageClass = z.object({
  apiVersion: z.literal('storage.k8s.io/v1'),
  kind: z.literal('StorageClass'),
  metadata: ObjectMeta,
  volumeBindingMode: z.string().default('Immediate'),
})
type StorageClass = z.infer<typeof StorageClass>

export const storageClassKind: ResourceKind<StorageClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'storageclasses',
  kind: 'StorageClass',
  namespaced: false,
  schema: StorageClass,
}

/** Then the Pod is made all the same: the scheduler says what is wrong better than we could. */
const patienceMs = 15_000

export type BindingNeeds = {
  view: Pick<View, 'claim' | 'until'>
  /** Absent where this controller may not read them: they belong to no namespace. */
  classes: Pick<ResourceClient<StorageClass>, 'get'> | undefined
}

/**
 * Waits for a game's volume where its storage provides it without waiting for a Pod. A Pod that comes before its volume
 * is put aside by the scheduler and tried again with growing pauses, which costs seconds.
 */
export function createBinding({ view, classes }: BindingNeeds) {
  /** A class never changes its mode. */
  const known = new Map<string, Promise<boolean>>()

  return async function bound(game: GameRef, signal?: AbortSignal): Promise<void> {
    const key = objectKey(game)
    const claim = view.claim(key)
    if (!claim || isBound(claim) || !(await bindsAtOnce(claim.spec.storageClassName))) return
    const settled = () => {
      const now = view.claim(key)
      return now && !isBound(now) ? undefined : true
    }
    await view.until(key, settled, patienceMs, signal)
  }

  function bindsAtOnce(name: string): Promise<boolean> {
    const answer = known.get(name) ?? readMode(name)
    known.set(name, answer)
    return answer
  }

  async function readMode(name: string): Promise<boolean> {
    try {
      const found = name === '' ? undefined : await classes?.get({ namespace: '', name })
      return found?.volumeBindingMode === 'Immediate'
    } catch {
      known.delete(name)
      return false
    }
  }
}

function isBound({ status }: Claim): boolean {
  return status.phase === 'Bound'
}
