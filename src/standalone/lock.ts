import { DatabaseSync } from 'node:sqlite'
import { StartupError } from '../platform/errors.ts'
import { isObject } from '../platform/json.ts'

/** https://www.sqlite.org/rescode.html */
const busy = 5
const notADatabase = 26

/**
 * Takes the lock file, or returns undefined when another process holds it. The lock is the operating system's (through
 * SQLite: Node.js itself has no file locks), so it ends with the process that holds it, however that ends: there is no
 * stale lock to recognise, and no process id to mistake for another's. The file stays, and is empty.
 * @throws StartupError when the file cannot be locked
 */
export function tryLock(path: string): Disposable | undefined {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: 0 })
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database?.close()
    const code =
      isObject(error) || error instanceof Error ? Object.getOwnPropertyDescriptor(error, 'errcode')?.value : 0
    if (code === busy) return undefined
    if (code === notADatabase)
      throw new StartupError(`${path} is damaged: delete this one file, it holds nothing but the lock`, {
        cause: error,
      })
    throw new StartupError(`${path} cannot be locked: make its folder writable, or choose another data directory`, {
      cause: error,
    })
  }
}
