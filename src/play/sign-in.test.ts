import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createScriptedGame } from '../../test/support/scripted-game.ts'
import { createScriptedGateway } from '../../test/support/scripted-gateway.ts'
import { createGalaxyClient, type StoredDevice } from '../client/index.ts'
import { createFileKeyStore } from '../client/node.ts'
import { lastAddress, profileName, profilesFolder, rememberAddress } from './profile.ts'
import { signIn } from './sign-in.ts'
import { createTerminal } from './terminal.ts'
import { findPlatform } from './where.ts'

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'galaxy-play-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

type Attempt = { email?: string; mailbox?: string; interactive?: boolean; nowMs?: () => number }

async function newcomer() {
  const gateway = createScriptedGateway()
  createScriptedGame(gateway)
  const store = createFileKeyStore(join(await folder(), 'device.json'))
  const connect = ({ key, deviceSessionId }: StoredDevice) =>
    createGalaxyClient({
      publicUrl: 'http://gateway',
      transport: gateway.transport,
      fetch: gateway.fetch,
      key,
      session: deviceSessionId,
    })
  const attempt = async (lines: readonly string[], { interactive = false, ...more }: Attempt = {}) => {
    const input = new PassThrough()
    const output = new PassThrough()
    let text = ''
    output.on('data', (chunk: Buffer) => (text += chunk.toString()))
    input.end(lines.map((line) => `${line}\n`).join(''))
    const terminal = createTerminal({ input, output, interactive })
    const client = await signIn({ terminal, store, connect, email: undefined, mailbox: undefined, ...more })
    return { client, said: text }
  }
  return { gateway, store, attempt }
}

describe('signing in', () => {
  it('asks for the address and the code, and says where the mail can be read', async () => {
    const { attempt, store } = await newcomer()
    const { client, said } = await attempt(['ada@example.com', '12345678'], { mailbox: 'http://127.0.0.1:8087' })
    expect(said).toContain('A code is on its way to ada@example.com. Read it at http://127.0.0.1:8087')
    expect(said).toContain('no more than one code a minute is mailed')
    expect(said).toContain('Signed in as Ada')
    expect((await store.load())?.deviceSessionId).toBe(client?.session())
  })

  it('as somebody else than the profile belongs to is refused, and the profile stays', async () => {
    const { attempt, store } = await newcomer()
    await attempt(['12345678'], { email: 'ada@example.com' })
    const before = (await store.load())?.deviceSessionId
    await expect(attempt([], { email: 'grace@example.com' })).rejects.toThrow(
      'this profile is signed in as ada@example.com, not as grace@example.com',
    )
    expect((await store.load())?.deviceSessionId).toBe(before)
  })

  it('is needed once', async () => {
    const { attempt, gateway } = await newcomer()
    await attempt(['12345678'], { email: 'ada@example.com' })
    const { client } = await attempt([], { email: 'ada@example.com' })
    expect((await client?.account())?.display_name).toBe('Ada')
    expect(gateway.confirmations).toBe(1)
  })

  it('is needed again, with another key, when this device was signed out', async () => {
    const { attempt, gateway, store } = await newcomer()
    await attempt(['12345678'], { email: 'ada@example.com' })
    const before = await store.load()
    gateway.sessions.clear()
    const { said } = await attempt(['12345678'], { email: 'ada@example.com' })
    expect(said).toContain('This device has been signed out.')
    expect((await store.load())?.key.publicKey).not.toEqual(before?.key.publicKey)
  })

  it('takes another try after a wrong code, and sends another one for an empty line', async () => {
    const { attempt } = await newcomer()
    const lines = ['00000000', '', '12345678']
    let minutes = 0
    const nowMs = () => (minutes += 1) * 60_000
    const { client, said } = await attempt(lines, { email: 'ada@example.com', interactive: true, nowMs })
    expect(client).toBeDefined()
    expect(said).toContain('That code is wrong or too old.')
    expect(said.match(/A code is on its way/g)).toHaveLength(2)
  })

  it('keeps the code that was mailed when another is asked for within a minute', async () => {
    const { attempt } = await newcomer()
    const { client, said } = await attempt(['', '12345678'], { email: 'ada@example.com', nowMs: () => 1_000 })
    expect(client).toBeDefined()
    expect(said).toContain('Another code can be mailed in 60 s.')
    expect(said.match(/A code is on its way/g)).toHaveLength(1)
  })

  it('does not take the commands of a pipe for codes after a wrong one', async () => {
    const { attempt, gateway } = await newcomer()
    await expect(attempt(['00000000', '12345678'], { email: 'ada@example.com' })).rejects.toMatchObject({
      code: 'invalid_or_expired_code',
    })
    expect(gateway.sessions.size).toBe(0)
  })

  it.each([{ lines: [] }, { lines: ['ada@example.com'] }, { lines: [''] }])(
    'is given up when nothing more is typed after $lines',
    async ({ lines }) => {
      const { attempt, store } = await newcomer()
      expect((await attempt(lines)).client).toBeUndefined()
      expect(await store.load()).toBeUndefined()
    },
  )
})

describe('the platform to play on', () => {
  it('is found in the data directory', async () => {
    const dir = await folder()
    const endpoints = { ready: true, pid: 1, edgePublic: 'http://127.0.0.1:1', edgeAuth: 'http://127.0.0.1:2' }
    await writeFile(join(dir, 'endpoints.json'), JSON.stringify({ ...endpoints, mailbox: 'http://127.0.0.1:3' }))
    expect(await findPlatform({ dataDir: dir })).toMatchObject({
      publicUrl: 'http://127.0.0.1:1',
      authUrl: 'http://127.0.0.1:2',
      mailbox: 'http://127.0.0.1:3',
    })
  })

  it.each(['{}', '{"ready": false}', 'nonsense'])('is not found by %s', async (text) => {
    const dir = await folder()
    await writeFile(join(dir, 'endpoints.json'), text)
    await expect(findPlatform({ dataDir: dir })).rejects.toThrow(`no platform is ready in ${dir}`)
  })
})

describe('a profile', () => {
  const where = { publicUrl: 'http://p', authUrl: 'http://a', identity: '/home/ada/.galaxy' }

  it('is kept below the folder for settings, apart for each platform', () => {
    expect(profilesFolder({ HOME: '/home/ada' }, where)).toBe('/home/ada/.config/galaxy/play/%2Fhome%2Fada%2F.galaxy')
    expect(profilesFolder({ XDG_CONFIG_HOME: '/cfg' }, { ...where, identity: 'play.example.org:8071' })).toBe(
      '/cfg/galaxy/play/play.example.org%3A8071',
    )
  })

  it.each(['..', '../../etc', 'a/b@c', 'Ada@Example.com '])('of %s is a folder right there', (email) => {
    expect(profileName(email)).not.toMatch(/[/.]/)
  })

  it('is found without an address when it is the only one, or the last that was used', async () => {
    const dir = await folder()
    expect(await lastAddress(dir)).toBeUndefined()
    await mkdir(join(dir, profileName('Ada@example.com')))
    expect(await lastAddress(dir)).toBe('ada@example.com')
    await mkdir(join(dir, profileName('grace@example.com')))
    expect(await lastAddress(dir)).toBeUndefined()
    await rememberAddress(dir, 'grace@example.com')
    expect(await lastAddress(dir)).toBe('grace@example.com')
    await rememberAddress(dir, 'Ada@example.com')
    expect(await lastAddress(dir)).toBe('Ada@example.com')
    await writeFile(join(dir, 'signed-in.json'), '{"email": 7}')
    expect(await lastAddress(dir)).toBeUndefined()
  })
})
