import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { messageOf, StartupError } from '../platform/errors.ts'
import { writeFileAtomically } from '../platform/files.ts'
import type { Layout } from './layout.ts'

const wellFormed = /^[A-Za-z0-9_-]{43}$/

export type Keys = { adminToken: string; controllerToken: string; serviceToken: string }

/**
 * The secrets of a data directory, made on the first start.
 * @throws StartupError when one is there but cannot be read
 */
export async function keepKeys(layout: Layout): Promise<Keys> {
  return {
    adminToken: await keepKey(layout.adminToken),
    controllerToken: await keepKey(layout.controllerToken),
    serviceToken: await keepKey(layout.serviceToken),
  }
}

async function keepKey(path: string): Promise<string> {
  const kept = await readKey(path)
  if (kept === undefined) {
    const key = randomBytes(32).toString('base64url')
    await writeFileAtomically(path, `${key}\n`, { mode: 0o600 })
    return key
  }
  if (wellFormed.test(kept)) return kept
  throw new StartupError(`the key ${path} is damaged: restore it from a backup, or delete it to have a new one made`)
}

async function readKey(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new StartupError(`the key ${path} cannot be read (${messageOf(error)}): make it readable for this account`, {
      cause: error,
    })
  }
}
