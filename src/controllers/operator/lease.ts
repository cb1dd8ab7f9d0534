import { z } from 'zod'
import type { JsonObject } from '../../platform/json.ts'
import { ObjectMeta, type ResourceKind } from '../../platform/kubernetes/objects.ts'

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/ */
export const Lease = z.looseObject({
  apiVersion: z.literal('coordination.k8s.io/v1'),
  kind: z.literal('Lease'),
  metadata: ObjectMeta,
  spec: z
    .looseObject({
      holderIdentity: z.string().nullish(),
      leaseDurationSeconds: z.int().nullish(),
      acquireTime: z.string().nullish(),
      renewTime: z.string().nullish(),
      leaseTransitions: z.int().nullish(),
    })
    .default({}),
})
export type Lease = z.infer<typeof Lease>

export const leaseKind: ResourceKind<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
  schema: Lease,
}

/** A lease as we saw it first in its present state, by our own steady clock: what other machines' clocks say is not believed. */
export type Sighting = { lease: Lease; seenAtMs: number }

/** Looks again: a lease that changed is seen anew, one that did not keeps its time. */
export function sight(before: Sighting | undefined, lease: Lease, nowMs: number): Sighting {
  const same =
    before?.lease.metadata.uid === lease.metadata.uid &&
    before.lease.metadata.resourceVersion === lease.metadata.resourceVersion
  return same ? before : { lease, seenAtMs: nowMs }
}

/**
 * When (on our steady clock) `identity` may take the lease: at once if nobody holds it or it does itself, otherwise
 * when its holder has been silent for as long as the lease lasts.
 */
export function freeAtMs({ lease, seenAtMs }: Sighting, identity: string, ownDurationMs: number): number {
  const { holderIdentity, leaseDurationSeconds } = lease.spec
  if (!holderIdentity || holderIdentity === identity) return Number.NEGATIVE_INFINITY
  return seenAtMs + (leaseDurationSeconds ? leaseDurationSeconds * 1000 : ownDurationMs)
}

type Claim = { identity: string; durationMs: number; now: Date }

/** The spec by which `identity` takes the lease, or holds on to it. */
export function claimed(before: Lease | undefined, { identity, durationMs, now }: Claim): JsonObject {
  const spec = before?.spec
  const holds = spec?.holderIdentity === identity
  const transitions = spec?.leaseTransitions ?? 0
  return {
    ...spec,
    holderIdentity: identity,
    leaseDurationSeconds: wholeSeconds(durationMs),
    acquireTime: (holds ? spec.acquireTime : undefined) ?? microTime(now),
    renewTime: microTime(now),
    leaseTransitions: before && !holds ? transitions + 1 : transitions,
  }
}

/** The spec of a lease given back: free for whoever comes next, at once. */
export function released(lease: Lease, now: Date): Lease {
  const at = microTime(now)
  const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: at, renewTime: at }
  return { ...lease, spec }
}

/** The API counts in whole seconds: rounded up, so that others wait long enough. */
function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}

/** metav1.MicroTime has exactly six digits after the point. */
function microTime(at: Date): string {
  return at.toISOString().replace(/Z$/, '000Z')
}
