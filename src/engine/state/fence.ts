import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type Disk, systemCode, unless } from './disk.ts'

/** Another engine has claimed the state directory under a higher epoch: this one must write no more. */
export class FencedError extends Error {
  override name = 'FencedError'
  readonly highest: number

  constructor(message: string, highest: number) {
    super(message)
    this.highest = highest
  }
}

export type Fence = ReturnType<typeof createFence>

/**
 * The epoch fence of a state directory. The highest name in `fence/` is the highest epoch seen, and the folder of that
 * name is where its engine stages files:
 *
 * - to write is to create a file in the own epoch's folder, fsync it, and then `link` or `rename` it to its place;
 * - to claim an epoch is to make its folder, and then to empty and remove the folder of every lower one.
 *
 * So there is no gap between checking the epoch and writing. The kernel orders the `link` or `rename` of a staged file
 * against its removal: either the write came first, and the claimant, who reads the state after claiming, finds it; or
 * the file is gone and the write fails with ENOENT. A folder that is removed takes no new files.
 */
export function createFence({ dir, disk }: { dir: string; disk: Disk }) {
  const folderOf = (epoch: number) => join(dir, String(epoch).padStart(16, '0'))
  return { highest, claim, commit }

  /** The highest epoch ever claimed here; undefined when none was. */
  async function highest(): Promise<number | undefined> {
    const epochs = await claimed()
    return epochs.length === 0 ? undefined : Math.max(...epochs)
  }

  async function claimed(): Promise<number[]> {
    const names = (await unless(['ENOENT'], disk.list(dir))) ?? []
    return names.filter((name) => /^[0-9]{16}$/.test(name)).map(Number)
  }

  /**
   * Makes `epoch` the highest, durably; repeating it is harmless. Leftovers of a crash under this epoch are removed.
   * @throws FencedError when a higher one is claimed already
   */
  async function claim(epoch: number): Promise<void> {
    await refuseLower(epoch)
    await unless(['EEXIST'], disk.makeFolder(folderOf(epoch)))
    // Once more, now that the claim can be seen: of two that claim at once, the lower one finds the higher here.
    await refuseLower(epoch)
    await emptyFolder(folderOf(epoch))
    for (const lower of await claimed()) if (lower < epoch) await removeEpoch(lower)
    await disk.syncFolder(dir)
  }

  async function refuseLower(epoch: number): Promise<void> {
    const known = await highest()
    if (known !== undefined && known > epoch) {
      throw new FencedError(`epoch ${epoch} is stale: ${known} is claimed`, known)
    }
  }

  async function removeEpoch(epoch: number): Promise<void> {
    for (;;) {
      await emptyFolder(folderOf(epoch))
      try {
        return await disk.removeFolder(folderOf(epoch))
      } catch (error) {
        const code = systemCode(error)
        if (code === 'ENOENT') return
        // Its engine has just staged another file; that one goes too.
        if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
      }
    }
  }

  async function emptyFolder(folder: string): Promise<void> {
    const names = (await unless(['ENOENT'], disk.list(folder))) ?? []
    for (const name of names) await disk.removeFile(join(folder, name))
  }

  /**
   * Writes a file under an epoch, atomically and durably. `once`: only if there is none of that name yet (EEXIST);
   * else it replaces the one there is.
   * @throws FencedError when a higher epoch was claimed before the file got to its place
   */
  async function commit(epoch: number, file: { path: string; folder: string; content: string; once: boolean }) {
    await refuseLower(epoch)
    const staged = join(folderOf(epoch), `${randomUUID()}.tmp`)
    try {
      await disk.createFile(staged, file.content)
      await (file.once ? disk.link(staged, file.path) : disk.rename(staged, file.path))
    } catch (error) {
      // The cause may be that the folder is gone because someone claimed a higher epoch.
      await refuseLower(epoch)
      throw error
    } finally {
      await disk.removeFile(staged).catch(() => undefined)
    }
    await disk.syncFolder(file.folder)
  }
}
