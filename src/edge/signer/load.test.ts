import { generateKeyPairSync } from 'node:crypto'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadSigner } from './index.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-signer-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

let files = 0
async function aFile(content: string, mode = 0o600): Promise<string> {
  files += 1
  const path = join(dir, `key-${files}.pem`)
  await writeFile(path, content)
  // Unlike a mode given to writeFile, this one is not subject to the umask.
  await chmod(path, mode)
  return path
}

const privatePem = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const publicPem = () => generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()
const rsaPem = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

describe('a signer from files', () => {
  it('signs with the key of one, and publishes those of the others', async () => {
    const signer = await loadSigner({
      keyFile: await aFile(privatePem()),
      nextKeyFile: await aFile(privatePem()),
      retiredKeyFiles: [await aFile(privatePem()), await aFile(publicPem(), 0o644)],
    })
    expect(signer.keys().map(({ status }) => status)).toEqual(['active', 'next', 'retired', 'retired'])
    expect(signer.keys()[0]?.kid).toBe(signer.keyId)
  })

  const refused = (setting: string, said: RegExp) => ({
    name: 'StartupError',
    message: expect.stringMatching(new RegExp(`^setting ${setting}: .*${said.source}`)),
  })

  it('refuses the start when the file is not there (abuse 30)', async () => {
    const keyFile = join(dir, 'missing.pem')
    await expect(loadSigner({ keyFile })).rejects.toMatchObject(
      refused('GATEWAY_RESPONSE_SIGNER_KEY_FILE', /cannot be read: ENOENT/),
    )
  })

  it.each([
    { what: 'an RSA key', pem: rsaPem() },
    { what: 'a public key', pem: publicPem() },
    { what: 'no key', pem: 'secret that is no key' },
    { what: 'nothing', pem: '' },
    { what: 'a part of a key', pem: privatePem().slice(0, 60) },
  ])('refuses the start when the file holds $what, and does not quote it (abuse 30)', async ({ pem }) => {
    const error = await loadSigner({ keyFile: await aFile(pem) }).catch((caught: unknown) => caught)
    expect(error).toMatchObject(refused('GATEWAY_RESPONSE_SIGNER_KEY_FILE', /holds no Ed25519 private key in PEM$/))
    expect(String(error)).not.toContain('secret that')
  })

  it.each(['640', '604', '644', '610'])(
    'refuses a private key of mode %s, which others may use (abuse 30)',
    async (octal) => {
      const mode = Number.parseInt(octal, 8)
      const keyFile = await aFile(privatePem(), mode)
      await expect(loadSigner({ keyFile })).rejects.toMatchObject(
        refused('GATEWAY_RESPONSE_SIGNER_KEY_FILE', /must be 0600 or stricter/),
      )
    },
  )

  it('refuses a next or retired key that is none, naming its own setting', async () => {
    const keyFile = await aFile(privatePem())
    const wrong = await aFile(rsaPem())
    await expect(loadSigner({ keyFile, nextKeyFile: wrong })).rejects.toMatchObject(
      refused('GATEWAY_RESPONSE_SIGNER_NEXT_KEY_FILE', /holds no Ed25519 private key/),
    )
    await expect(loadSigner({ keyFile, retiredKeyFiles: [wrong] })).rejects.toMatchObject(
      refused('GATEWAY_RESPONSE_SIGNER_RETIRED_KEY_FILES', /holds no Ed25519 private key/),
    )
  })

  it('refuses a retired private key that others may read', async () => {
    const retired = await aFile(privatePem(), 0o644)
    await expect(loadSigner({ keyFile: await aFile(privatePem()), retiredKeyFiles: [retired] })).rejects.toMatchObject(
      refused('GATEWAY_RESPONSE_SIGNER_RETIRED_KEY_FILES', /must be 0600 or stricter/),
    )
  })
})
