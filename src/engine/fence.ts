import { join } from 'node:path'
import { Refusal, StartupError } from '../platform/errors.ts'
import { type Disk, writing } from './disk.ts'

export type Fence = Awaited<ReturnType<typeof openFence>>

type FenceOptions = {
  dir: string
  disk: Disk
  /** The epoch the engine was started under; 0 to go on with the highest one found. */
  epoch: number
  /** Called once when another engine has taken over. */
  onStale: () => void
}

/**
 * Remembers the highest epoch seen. Each is an empty file named after its number, and the highest name counts: unlike
 * the content of one file, that cannot go back when two engines write at once.
 * @throws StartupError when a newer engine has taken the folder over
 */
export async function openFence({ dir, disk, epoch, onStale }: FenceOptions) {
  const folder = join(dir, 'fence')
  await disk.makeFolder(folder)
  const found = await highest()
  if (epoch > 0 && found > epoch) {
    throw new StartupError(
      `setting GALAXY_ENGINE_EPOCH: ${dir} has been taken over by a newer engine (its epoch is ${found}, ours ${epoch})`,
    )
  }
  let own = found
  let stale = false
  if (epoch > own) await raise(epoch)
  return { admit, check, epoch: () => own }

  /**
   * Lets a call pass that carries `epoch`; a higher one than ever is stored before anything is done under it.
   * @returns whether it was higher
   * @throws Refusal `stale_epoch`
   */
  async function admit(epoch: number): Promise<boolean> {
    await check()
    if (epoch < own) throw staleEpoch(own)
    if (epoch === own) return false
    await writing(() => raise(epoch))
    await check()
    return true
  }

  /**
   * Looks at the disk again: to be called before every write.
   * @throws Refusal `stale_epoch` when another engine has taken over, for good
   */
  async function check(): Promise<void> {
    const found = await highest()
    if (found <= own && !stale) return
    if (!stale) onStale()
    stale = true
    throw staleEpoch(Math.max(found, own))
  }

  async function highest(): Promise<number> {
    const names = await disk.list(folder)
    return names.filter((name) => /^[0-9]{1,16}$/.test(name)).reduce((most, name) => Math.max(most, Number(name)), 0)
  }

  async function raise(epoch: number): Promise<void> {
    const before = await disk.list(folder)
    // It may be there from an attempt whose last step failed.
    if (!before.includes(String(epoch))) await disk.create(join(folder, String(epoch)), '')
    await disk.syncFolder(folder)
    own = epoch
    const lower = before.filter((name) => Number(name) < epoch)
    await Promise.all(lower.map((name) => disk.remove(join(folder, name)).catch(() => undefined)))
  }
}

function staleEpoch(epoch: number): Refusal {
  return new Refusal('conflict', 'stale_epoch', `A newer engine or caller has epoch ${epoch}.`, { details: { epoch } })
}
