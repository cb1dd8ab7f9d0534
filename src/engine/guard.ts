import { Refusal } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import { systemCode } from './state/disk.ts'
import { FencedError } from './state/fence.ts'
import { CorruptStateError, type Store } from './state/store.ts'

export type GuardNeeds = {
  store: Store
  log: Log
  /** The epoch it begins with; 0 = unknown. */
  epoch: number
  /** Called once, when another engine turns out to have taken over. */
  onStale: () => void
  /** Called before every write: another engine of the same epoch may have written meanwhile. */
  reload: () => Promise<void>
}

export type Guard = ReturnType<typeof createGuard>

/**
 * Keeps the engine's epoch: lets a call in only if it is meant for this engine, claims higher epochs, and finds out
 * when this engine has been replaced. Calls must come one at a time.
 */
export function createGuard({ store, log, epoch: first, onStale, reload }: GuardNeeds) {
  let own = first
  let claimed = false
  let stale = false
  return { epoch: () => own, admit, admitReader, failed }

  /**
   * Lets in a call that writes.
   * @throws Refusal `stale_epoch`; or what claiming throws
   */
  async function admit(epoch: number): Promise<void> {
    const highest = await refuseStale(epoch)
    // A lower one than ours is there when somebody has removed what we claimed.
    if (!claimed || epoch !== own || highest < own) await claim(epoch)
    await reload()
  }

  /** If only a part of it succeeds, the epoch is ours all the same, and the next call goes on with the rest. */
  async function claim(epoch: number): Promise<void> {
    own = epoch
    claimed = false
    await store.claim(epoch)
    claimed = true
  }

  /** Lets in a call that only reads: it is answered even if the disk cannot take a new epoch. */
  async function admitReader(epoch: number): Promise<void> {
    await refuseStale(epoch)
    if (epoch > own) await admit(epoch).catch((error: unknown) => log.warn({ err: failed(error) }, 'epoch not stored'))
    await refuseStale(epoch)
  }

  /** Returns the highest epoch that is claimed; 0 when none is. */
  async function refuseStale(epoch: number): Promise<number> {
    const highest = (await store.highestEpoch()) ?? 0
    if (stale || highest > own) throw replaced(highest)
    if (epoch < own) throw staleEpoch(`this engine works under epoch ${own}; the call carries ${epoch}`, own)
    return highest
  }

  function replaced(highest: number): Refusal {
    if (!stale) {
      stale = true
      log.error({ epoch: own, highest }, 'another engine has taken over this state directory: stopping')
      onStale()
    }
    return staleEpoch(`another engine has taken over (epoch ${highest}; this one has ${own})`, highest)
  }

  /** What to answer when the state could not be read or written; any other error as it is. */
  function failed(error: unknown): unknown {
    if (error instanceof FencedError) return replaced(error.highest)
    if (error instanceof CorruptStateError) {
      return new Refusal('unavailable', 'state_corrupt', error.message, { cause: error })
    }
    if (systemCode(error) === undefined || !(error instanceof Error)) return error
    log.error({ err: error }, 'the state directory cannot be used')
    const message = `the state directory cannot be used, and nothing was changed: ${error.message}`
    return new Refusal('unavailable', 'state_unwritable', message, { cause: error })
  }
}

function staleEpoch(message: string, epoch: number): Refusal {
  return new Refusal('conflict', 'stale_epoch', message, { details: { epoch } })
}
