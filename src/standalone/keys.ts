import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { messageOf, StartupError, systemErrorCode } from '../platform/errors.ts'
import { writeFileAtomically } from '../platform/files.ts'
import type { Layout } from './layout.ts'

export type Keys = { adminToken: string; controllerToken: string; apiToken: string; serviceToken: string }

/** How one kind of secret is made, and told from a damaged one. */
type Kind = { make: () => string; isWhole: (text: string) => boolean }

const token: Kind = {
  make: () => randomBytes(32).toString('base64url'),
  isWhole: (text) => /^[A-Za-z0-9_-]{43}$/.test(text),
}

const password: Kind = { make: () => randomBytes(15).toString('base64url'), isWhole: (text) => text.length > 0 }

const pepper: Kind = {
  make: () => `1:${randomBytes(32).toString('base64')}`,
  isWhole: (text) => text.split('\n').every((line) => /^[A-Za-z0-9_-]+:[A-Za-z0-9+/]{43}=$/.test(line)),
}

const signer: Kind = {
  make: () => generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString().trim(),
  isWhole: (text) => {
    try {
      return createPrivateKey(text).asymmetricKeyType === 'ed25519'
    } catch {
      return false
    }
  },
}

/**
 * The secrets of a data directory, made on the first start.
 * @throws StartupError when one is there but cannot be read
 */
export async function keepKeys(layout: Layout): Promise<Keys> {
  await keep(layout.adminPassword, password)
  await keep(layout.codePepper, pepper)
  await keep(layout.responseSigner, signer)
  return {
    adminToken: await keep(layout.adminToken, token),
    controllerToken: await keep(layout.controllerToken, token),
    apiToken: await keep(layout.apiToken, token),
    serviceToken: await keep(layout.serviceToken, token),
  }
}

async function keep(path: string, { make, isWhole }: Kind): Promise<string> {
  const kept = await readKey(path)
  if (kept === undefined) {
    const key = make()
    await writeFileAtomically(path, `${key}\n`, { mode: 0o600 })
    return key
  }
  if (isWhole(kept)) return kept
  throw new StartupError(`the key ${path} is damaged: restore it from a backup, or delete it to have a new one made`)
}

async function readKey(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw new StartupError(`the key ${path} cannot be read (${messageOf(error)}): make it readable for this account`, {
      cause: error,
    })
  }
}
