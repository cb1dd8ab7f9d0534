import { link, mkdir, open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises'
import { makeFolder } from '../../platform/files.ts'

/** What the engine needs of a file system. Every function throws Node's system errors. */
export type Disk = {
  read: (path: string) => Promise<string>
  /** Names in a folder. */
  list: (path: string) => Promise<string[]>
  makeFolder: (path: string) => Promise<void>
  /** With the folders above it that are missing; one that is there is in order. */
  makeFolders: (path: string) => Promise<void>
  removeFolder: (path: string) => Promise<void>
  /** Makes a new file whose content is on the disk when this returns; EEXIST when there is one. */
  createFile: (path: string, content: string) => Promise<void>
  /** A second name for a file; EEXIST when the name is taken. */
  link: (from: string, to: string) => Promise<void>
  rename: (from: string, to: string) => Promise<void>
  removeFile: (path: string) => Promise<void>
  /** Makes the names in a folder durable. */
  syncFolder: (path: string) => Promise<void>
}

export const nodeDisk: Disk = {
  read: (path) => readFile(path, 'utf8'),
  list: (path) => readdir(path),
  makeFolder: (path) => mkdir(path),
  makeFolders: (path) => makeFolder(path),
  removeFolder: (path) => rmdir(path),
  createFile: async (path, content) => {
    await using file = await open(path, 'wx')
    await file.writeFile(content)
    await file.sync()
  },
  link: (from, to) => link(from, to),
  rename: (from, to) => rename(from, to),
  removeFile: (path) => rm(path, { force: true }),
  syncFolder: async (path) => {
    await using folder = await open(path, 'r')
    await folder.sync()
  },
}

/** The code of a system error (`ENOSPC`); undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && 'syscall' in Object(error) ? code : undefined
}

/** `undefined` in place of an error with one of these codes. */
export async function unless<T>(codes: readonly string[], work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    const code = systemCode(error)
    if (code !== undefined && codes.includes(code)) return undefined
    throw error
  }
}
