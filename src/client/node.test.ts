import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createScriptedGateway } from '../../test/support/scripted-gateway.ts'
import { createDeviceKey, createGalaxyClient } from './index.ts'
import { createFileKeyStore } from './node.ts'

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'galaxy-key-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

describe('a key in a file', () => {
  it('is the same after it has been read again, and goes on with its session', async () => {
    const file = join(await folder(), 'deep', 'device.json')
    const { transport, fetch } = createScriptedGateway()
    const key = await createDeviceKey({ extractable: true })
    const first = createGalaxyClient({ publicUrl: 'http://gateway', transport, fetch, key })
    const { challengeId } = await first.auth.sendEmailCode('ada@example.com')
    const { deviceSessionId } = await first.auth.confirmEmailCode({ challengeId, code: '12345678' })
    await createFileKeyStore(file).save({ key, deviceSessionId })

    const stored = await createFileKeyStore(file).load()
    if (!stored) throw new Error('nothing was kept')
    expect(stored.key.publicKey).toEqual(key.publicKey)
    const again = createGalaxyClient({
      publicUrl: 'http://gateway',
      transport,
      fetch,
      key: stored.key,
      session: stored.deviceSessionId,
    })
    await expect(again.execute('user.sessions.logout', {})).rejects.toThrow('revoked')
  })

  it('can be read by its owner only, and leaves nothing beside it', async () => {
    const dir = await folder()
    const store = createFileKeyStore(join(dir, 'device.json'))
    const key = await createDeviceKey({ extractable: true })
    await store.save({ key })
    await store.save({ key, deviceSessionId: 'another' })
    expect((await stat(join(dir, 'device.json'))).mode & 0o777).toBe(0o600)
    expect(await readdir(dir)).toEqual(['device.json'])
    expect(await store.load()).toMatchObject({ deviceSessionId: 'another' })
  })

  it('is undefined when there is none, and an error when it is damaged', async () => {
    const file = join(await folder(), 'device.json')
    expect(await createFileKeyStore(file).load()).toBeUndefined()
    await writeFile(file, '{"private_key": "')
    await expect(createFileKeyStore(file).load()).rejects.toThrow(SyntaxError)
  })

  it('that cannot be read out is not kept', async () => {
    const dir = await folder()
    const saving = createFileKeyStore(join(dir, 'device.json')).save({ key: await createDeviceKey() })
    await expect(saving).rejects.toThrow('extractable')
    expect(await readdir(dir)).toEqual([])
  })
})
