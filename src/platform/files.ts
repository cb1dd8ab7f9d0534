import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemErrorCode } from './errors.ts'

/**
 * Replaces a file so that a crash at any instant leaves the old content or the new, never a part of it:
 * write beside it, fsync, rename, fsync the folder.
 */
export async function writeFileAtomically(path: string, content: string, { mode = 0o644 } = {}): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await using file = await open(temporary, 'wx', mode)
    await file.writeFile(content)
    await file.sync()
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
  await syncFolder(dirname(path))
}

/** Makes a rename, creation or removal inside the folder durable. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r')
  await folder.sync()
}

/**
 * Makes the folder and those above it that are missing. Node.js can as well (`recursive`), but spins for ever in a folder
 * where nothing can be made and which says that it does not exist, such as `/proc`.
 */
export async function makeFolder(path: string, { mode = 0o777 } = {}): Promise<void> {
  const problem = await mkdir(path, { mode }).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (problem === undefined || (await isFolder(path))) return
  if (systemErrorCode(problem) !== 'ENOENT' || dirname(path) === path || (await isFolder(dirname(path)))) throw problem
  await makeFolder(dirname(path), { mode })
  await makeFolder(path, { mode })
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
