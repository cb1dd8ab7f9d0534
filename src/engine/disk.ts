import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { Refusal } from '../platform/errors.ts'
import { syncFolder } from '../platform/files.ts'

/** The few file operations that the state needs, so that a test can let one of them fail. */
export type Disk = {
  /** The text, or undefined when there is no such file. */
  read: (path: string) => Promise<string | undefined>
  /** Names in a folder; none when there is no such folder. */
  list: (path: string) => Promise<string[]>
  makeFolder: (path: string) => Promise<void>
  /** Creates the file, which must not exist, and makes its content durable. */
  create: (path: string, text: string) => Promise<void>
  link: (from: string, to: string) => Promise<void>
  rename: (from: string, to: string) => Promise<void>
  remove: (path: string) => Promise<void>
  syncFolder: (path: string) => Promise<void>
}

export const systemDisk: Disk = {
  read: (path) => unlessMissing(readFile(path, 'utf8'), undefined),
  list: (path) => unlessMissing(readdir(path), []),
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true })
  },
  create: async (path, text) => {
    await using file = await open(path, 'wx', 0o644)
    await file.writeFile(text)
    await file.sync()
  },
  link,
  rename,
  remove: (path) => rm(path, { force: true }),
  syncFolder,
}

async function unlessMissing<T, U>(reading: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await reading
  } catch (error) {
    if (diskError(error) === 'ENOENT') return otherwise
    throw error
  }
}

/** The system's word for a failed file operation (`ENOSPC`), or undefined for any other error. */
export function diskError(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/**
 * Turns a full, read-only or broken disk into a refusal: it is the operator's to repair, and the call can be repeated.
 * @throws Refusal `state_unwritable`
 */
export async function writing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const code = diskError(error)
    if (code === undefined) throw error
    throw new Refusal('unavailable', 'state_unwritable', `The state cannot be written: ${code}.`, { cause: error })
  }
}
