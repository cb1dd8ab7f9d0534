import type { Clock } from '../../platform/clock.ts'
import type { ResourceClient } from '../../platform/kubernetes/client.ts'
import { KubernetesError } from '../../platform/kubernetes/errors.ts'
import type { ObjectKey } from '../../platform/kubernetes/objects.ts'
import { claimed, freeAtMs, type Lease, released, sight, type Sighting } from './lease.ts'

/** `heldSinceMs` (steady clock): nobody can take the lease before `heldSinceMs + durationMs`. */
export type ClaimResult =
  | { held: true; heldSinceMs: number }
  /** `holder`: another one; '' when nobody; undefined when it is not known who was quicker. `freeAtMs`: steady clock. */
  | { held: false; holder: string | undefined; freeAtMs: number }

export type LeaseClaim = {
  /** Takes the lease, or renews it. Throws KubernetesError when the API cannot say. */
  attempt: () => Promise<ClaimResult>
  /** Gives the lease back if we hold it. */
  release: () => Promise<void>
}

export type LeaseClaimOptions = {
  leases: Pick<ResourceClient<Lease>, 'get' | 'create' | 'replace'>
  lease: ObjectKey
  identity: string
  durationMs: number
  clock: Clock
}

const fieldManager = 'galaxy-leader-election'

/** One candidate's view of one lease. Every write is over the resourceVersion read before, so only one of two succeeds. */
export function createLeaseClaim({ leases, lease: key, identity, durationMs, clock }: LeaseClaimOptions): LeaseClaim {
  let seen: Sighting | undefined
  /** Our own last write: renewed without reading first. Anything unexpected makes us read again. */
  let own: Lease | undefined

  async function attempt(): Promise<ClaimResult> {
    // Before the call: others count from when they see the write, which can only be later.
    const heldSinceMs = performance.now()
    const held = (await renewOwn()) ?? (await readAndTake())
    own = held
    if (held) return { held: true, heldSinceMs }
    const holder = seen?.lease.spec.holderIdentity ?? undefined
    return {
      held: false,
      holder: holder === identity ? undefined : holder,
      freeAtMs: seen ? freeAtMs(seen, identity, durationMs) : performance.now(),
    }
  }

  /** Undefined when there is nothing to renew, or somebody wrote in between: we ourselves, if an answer got lost. */
  async function renewOwn(): Promise<Lease | undefined> {
    const before = own
    own = undefined
    return before && undefinedOnConflict(write(before))
  }

  async function readAndTake(): Promise<Lease | undefined> {
    const lease = await leases.get(key)
    if (!lease) return undefinedOnConflict(write(undefined))
    seen = sight(seen, lease, performance.now())
    if (performance.now() < freeAtMs(seen, identity, durationMs)) return undefined
    return undefinedOnConflict(write(lease))
  }

  function write(before: Lease | undefined): Promise<Lease> {
    const spec = claimed(before, { identity, durationMs, now: clock.now() })
    if (before) return leases.replace({ ...before, spec }, { fieldManager })
    return leases.create({ metadata: { name: key.name }, spec }, { namespace: key.namespace, fieldManager })
  }

  async function release(): Promise<void> {
    const lease = own ?? (await leases.get(key))
    own = undefined
    if (lease?.spec.holderIdentity === identity) await leases.replace(released(lease, clock.now()), { fieldManager })
  }

  return { attempt, release }
}

async function undefinedOnConflict(write: Promise<Lease>): Promise<Lease | undefined> {
  try {
    return await write
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 409) return undefined
    throw error
  }
}
