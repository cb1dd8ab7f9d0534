import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const KeptDraft = z.object({
  /** Whose orders these are: another account's draft for the game is not taken up. */
  race_name: z.string(),
  /** The turn that they were composed for. */
  turn: z.int().min(1),
  orders: z.array(z.record(z.string(), z.unknown())).max(1000),
})
export type KeptDraft = z.infer<typeof KeptDraft>

/** The draft of one game, kept between visits. Several terminals with one profile share it. */
export type DraftFile = {
  /** Undefined when there is none, or none that can be read. */
  read: () => KeptDraft | undefined
  /** @returns false when it cannot be kept */
  write: (draft: KeptDraft) => boolean
  remove: () => void
}

export type Drafts = { of: (gameId: string) => DraftFile }

/**
 * Drafts as files in a folder, one for each game, readable by their owner only. Writing is synchronous: a draft is on
 * the disk before the next line is read, whatever ends the program then.
 */
export function createDrafts(folder: string): Drafts {
  return {
    of: (gameId) => {
      const path = join(folder, `${encodeURIComponent(gameId).replaceAll('.', '%2E')}.json`)
      return {
        read: () => readDraft(path),
        write: (draft) => writeDraft(folder, path, draft),
        remove: () => remove(path),
      }
    },
  }
}

function readDraft(path: string): KeptDraft | undefined {
  try {
    return KeptDraft.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}

/** A crash leaves the old file or the new one. */
function writeDraft(folder: string, path: string, draft: KeptDraft): boolean {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(temporary, `${JSON.stringify(draft)}\n`, { mode: 0o600, flag: 'wx', flush: true })
    renameSync(temporary, path)
    return true
  } catch {
    remove(temporary)
    return false
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // The next write replaces it.
  }
}
