import { mkdtemp, open, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { makeFolder } from '../platform/files.ts'
import { messageOf, StartupError, systemErrorCode } from '../platform/errors.ts'
import { tryLock } from './lock.ts'

/** Postgres knows no longer paths than 1023 bytes, and its files lie deep below the data directory. */
const longestBytes = 800

/**
 * The absolute path of a data directory.
 * @throws StartupError when it is no path that everything which runs on it can use
 */
export function resolveDataDir(path: string): string {
  const wrong = wrongPath(path)
  if (wrong !== undefined) throw refused(path, wrong)
  const full = resolveFromHere(path)
  const alsoWrong = wrongPath(full)
  if (alsoWrong !== undefined) throw refused(full, alsoWrong)
  return full
}

function wrongPath(path: string): string | undefined {
  if (path.trim() === '') return 'is empty'
  if (/\p{Cc}/u.test(path)) return 'has a control character in its path'
  // What Node.js makes of bytes that are no UTF-8.
  if (path.includes('\uFFFD')) return 'has a path that is not UTF-8'
  if (path.includes(':')) return 'has a ":" in its path, which separates files in KUBECONFIG'
  const bytes = Buffer.byteLength(path)
  return bytes > longestBytes ? `has a path of ${bytes} bytes, ${longestBytes} are possible` : undefined
}

function resolveFromHere(path: string): string {
  try {
    return resolve(path)
  } catch {
    throw refused(path, 'is relative to a working directory that does not exist any more')
  }
}

function refused(path: string, problem: string): StartupError {
  return new StartupError(`the data directory ${printable(path)} ${problem}: choose another --data-dir`)
}

function printable(path: string): string {
  const text = JSON.stringify(path.slice(0, 200))
  return text === `"${path}"` && path !== '' ? path : text
}

/** What is left where a trial was killed. */
export const trialName = /^\.galaxy-trial-/

const enough = Buffer.alloc(65_536)

/**
 * Tries, without lasting effect, that folders and files can be made and locked in the data directory, or in the nearest
 * folder above it that exists. Asking for permissions is not enough: root has them also where nothing can be made.
 * @throws StartupError saying what is wrong and what to do
 */
export async function tryDataDir(root: string): Promise<void> {
  let trial: string | undefined
  try {
    trial = await mkdtemp(join(await nearestFolder(root), '.galaxy-trial-'))
    await makeFolder(join(trial, 'folder'))
    await using file = await open(join(trial, 'file'), 'wx', 0o600)
    await file.writeFile(enough)
    await file.sync()
    tryLock(join(trial, 'lock'))?.[Symbol.dispose]()
  } catch (error) {
    throw cannotUse(root, error)
  } finally {
    if (trial !== undefined) await rm(trial, { recursive: true, force: true }).catch(() => rmdir(String(trial)))
  }
}

async function nearestFolder(path: string): Promise<string> {
  try {
    await stat(path)
    return path
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT' || dirname(path) === path) throw error
    return nearestFolder(dirname(path))
  }
}

const remedies: ReadonlyMap<unknown, string> = new Map([
  ['EACCES', 'make it writable for this account'],
  ['EPERM', 'make it writable for this account'],
  ['ENOSPC', 'free some space on its file system'],
  ['EDQUOT', 'free some space in your quota'],
  ['ENOTDIR', 'a part of its path is a file; move that away'],
  ['EEXIST', 'a part of its path is no folder; move that away'],
  ['ELOOP', 'symbolic links of its path lead in a circle; mend them'],
])

export function cannotUse(root: string, error: unknown): StartupError {
  const remedy = remedies.get(systemErrorCode(error))
  const advice = remedy === undefined ? 'choose another --data-dir' : `${remedy}, or choose another --data-dir`
  return new StartupError(`the data directory ${root} cannot be used (${messageOf(error)}): ${advice}`, {
    cause: error,
  })
}
