import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { open } from 'node:fs/promises'
import { messageOf, StartupError } from '../../platform/errors.ts'

/**
 * An Ed25519 private key from a PKCS#8 PEM file that nobody else may read.
 * @throws StartupError naming the setting
 */
export async function readPrivateKey(path: string, setting: string): Promise<KeyObject> {
  const { pem, mode } = await readPem(path, setting)
  return privateKey(pem, mode, { path, setting })
}

/**
 * A key that is only published: public (SubjectPublicKeyInfo PEM), or private as it was when it signed.
 * @throws StartupError naming the setting
 */
export async function readAnyKey(path: string, setting: string): Promise<KeyObject> {
  const { pem, mode } = await readPem(path, setting)
  if (!pem.includes('-----BEGIN PUBLIC KEY-----')) return privateKey(pem, mode, { path, setting })
  return ed25519(() => createPublicKey(pem), 'public', { path, setting })
}

type Source = { path: string; setting: string }

/** Content and mode through one handle: both are of the same file, whatever is renamed meanwhile. */
async function readPem(path: string, setting: string): Promise<{ pem: string; mode: number }> {
  try {
    await using file = await open(path, 'r')
    const { mode } = await file.stat()
    return { pem: await file.readFile('utf8'), mode }
  } catch (cause) {
    throw new StartupError(`setting ${setting}: cannot be read: ${messageOf(cause)}`, { cause })
  }
}

function privateKey(pem: string, mode: number, source: Source): KeyObject {
  if ((mode & 0o077) !== 0) {
    const said = (mode & 0o777).toString(8).padStart(4, '0')
    throw new StartupError(
      `setting ${source.setting}: others than its owner may use the file ${source.path} (mode ${said}); it must be 0600 or stricter`,
    )
  }
  return ed25519(() => createPrivateKey({ key: pem, format: 'pem' }), 'private', source)
}

/** What the parser says of a bad key is left out: it may quote it. */
function ed25519(parse: () => KeyObject, what: 'private' | 'public', { path, setting }: Source): KeyObject {
  let key: KeyObject | undefined
  try {
    key = parse()
  } catch {
    key = undefined
  }
  if (key?.asymmetricKeyType === 'ed25519' && key.type === what) return key
  throw new StartupError(`setting ${setting}: the file ${path} holds no Ed25519 ${what} key in PEM`)
}
