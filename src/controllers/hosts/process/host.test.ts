import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineInstance, EngineSpec } from '../port.ts'
import { processIdentity } from './identity.ts'
import { openTestHost, type TestHost, testSpec } from './test-host.ts'

let under: TestHost
beforeEach(async () => {
  under = await openTestHost()
})
afterEach(() => under[Symbol.asyncDispose]())

const game = { namespace: 'default', name: 'x', uid: 'uid-0' }
const spec = (image: keyof TestHost['images'], change: Partial<EngineSpec> = {}) =>
  testSpec(game, under.images[image], change)

describe('an engine process', () => {
  const state = (file: string) => under.state(game, file)
  const pidOf = ({ ref }: EngineInstance) => Number(ref.split('/')[1])

  it("sees nothing of the platform's environment but where programs, its home and its language are", async () => {
    process.env['PLATFORM_SECRET'] = 'hidden'
    const { endpoint = '' } = await under.host.start(spec('environment', { env: [{ name: 'HOME', value: '/mine' }] }))
    await expect.poll(() => state('environment')).toContain('GALAXY')
    const lines = (await state('environment')).trim().split('\n')
    const names = lines.map((line) => line.slice(0, line.indexOf('='))).filter((name) => !['PWD', '_'].includes(name))
    const galaxy = ['ENGINE_EPOCH', 'ENGINE_HOST', 'ENGINE_PORT', 'ORPHAN_GRACE', 'STATE_DIR'].map((n) => `GALAXY_${n}`)
    expect(names.sort()).toEqual([...galaxy, 'HOME', 'LANG', 'PATH', 'TZ'].sort())
    expect(lines).toContain('HOME=/mine')
    expect(lines).toContain(`GALAXY_ENGINE_PORT=${new URL(endpoint).port}`)
    expect(lines).toContain(`GALAXY_STATE_DIR=${join(under.engines, 'uid-0', 'state')}`)
    delete process.env['PLATFORM_SECRET']
  })

  it('takes what it has started with it when it is stopped', async () => {
    await under.host.start(spec('parent'))
    await expect.poll(() => state('helper')).toMatch(/^[0-9]+\n$/)
    await under.host.stop(game, { graceMs: 1000 })
    await expect.poll(() => processIdentity(Number.parseInt(helperOf(), 10))).toBeUndefined()
  })

  it('takes what it has started with it when it ends by itself', async () => {
    const started = await under.host.start(spec('parent'))
    await expect.poll(() => state('helper')).toMatch(/^[0-9]+\n$/)
    process.kill(pidOf(started), 'SIGKILL')
    await expect.poll(() => under.host.find(game)).toMatchObject([{ state: 'exited', exit: { signal: 'SIGKILL' } }])
    await expect.poll(() => processIdentity(Number.parseInt(helperOf(), 10))).toBeUndefined()
  })

  it('that was killed during its grace tells the signal', async () => {
    await under.host.start(spec('stubborn'))
    await expect.poll(() => readdir(join(under.engines, 'uid-0', 'state'))).toContain('ready')
    await under.host.stop(game, { graceMs: 50 })
    expect(await under.host.find(game)).toMatchObject([{ exit: { signal: 'SIGKILL', requested: true } }])
  })

  it('costs no zombie and no open file once it has ended', async () => {
    const files = async () => (await readdir('/proc/self/fd')).length
    await under.host.start(spec('idle'))
    await under.host.stop(game, { graceMs: 1000 })
    const before = await files()
    for (let epoch = 2; epoch < 12; epoch += 1) {
      await under.host.start(spec('failing', { epoch }))
      await expect.poll(async () => (await under.host.find(game))[0]?.state, { interval: 5 }).toBe('exited')
    }
    expect(await files()).toBeLessThanOrEqual(before + 1)
    const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8').catch(() => '')
    const states = children
      .trim()
      .split(' ')
      .filter(Boolean)
      .map((pid) => readFile(`/proc/${pid}/stat`, 'utf8'))
    expect((await Promise.all(states)).filter((stat) => / Z /.test(stat))).toEqual([])
  })

  function helperOf(): string {
    return readFileSync(join(under.engines, 'uid-0', 'state', 'helper'), 'utf8')
  }
})

describe("a game's folder", () => {
  it('names its game after the engine was removed, which leaves the data', async () => {
    await under.host.start(spec('idle'))
    await under.host.remove(game)
    const about = join(under.engines, 'uid-0', 'game.json')
    const { namespace, name, uid } = game
    expect(JSON.parse(await readFile(about, 'utf8'))).toEqual({ namespace, name, uid })
  })
})

describe('all engines', () => {
  it('end together when asked, and that counts as asked for', async () => {
    const games = Array.from({ length: 6 }, (_, index) => ({ ...game, uid: `uid-${index}` }))
    await Promise.all(games.map((each) => under.host.start(spec('stubborn', { game: each }))))
    const startedAt = performance.now()
    await under.host.stopAll({ graceMs: 2000 })
    expect(performance.now() - startedAt).toBeLessThan(6 * 2000)
    const ended = await under.host.list()
    expect(ended).toHaveLength(6)
    for (const each of ended) expect(each).toMatchObject({ state: 'exited', exit: { requested: true } })
  })

  it('have ports of their own', async () => {
    const games = Array.from({ length: 6 }, (_, index) => ({ ...game, uid: `uid-${index}` }))
    const started = await Promise.all(games.map((each) => under.host.start(spec('idle', { game: each }))))
    expect(new Set(started.map(({ endpoint }) => endpoint)).size).toBe(6)
  })

  it('go on when their host is disposed of', async () => {
    const started = await under.host.start(spec('idle'))
    await under.host[Symbol.asyncDispose]()
    await using next = await under.open()
    expect(await next.find(game)).toEqual([started])
  })
})

describe('the records of engines', () => {
  it.each(['../evil', '..', 'a/b', '', '.hidden'])('never leave their folder: the uid "%s" is refused', async (uid) => {
    await expect(under.host.start(spec('idle', { game: { ...game, uid } }))).rejects.toMatchObject({
      name: 'HostError',
    })
    await expect(under.host.removeData({ ...game, uid })).rejects.toMatchObject({ name: 'HostError' })
  })

  it("that name a stranger's process never cost the stranger its life", async () => {
    await under.host.start(spec('idle'))
    const path = join(under.engines, 'uid-0', 'instance.json')
    const record = JSON.parse(await readFile(path, 'utf8')) as { process: { pid: number; identity: string } }
    await under.host.stopAll({ graceMs: 100 })
    const stranger = spawn('sleep', ['60'])
    const { identity } = record.process
    await writeFile(path, JSON.stringify({ ...record, exit: undefined, process: { pid: stranger.pid, identity } }))
    expect(await under.host.find(game)).toMatchObject([{ state: 'exited' }])
    await under.host.remove(game)
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
    stranger.kill()
    await once(stranger, 'exit')
  })

  it('that cannot be read keep their game from being started twice, and no other game from anything', async () => {
    await mkdir(join(under.engines, 'uid-0'), { recursive: true })
    await writeFile(join(under.engines, 'uid-0', 'instance.json'), '{ torn')
    await expect(under.host.start(spec('idle'))).rejects.toThrow('instance.json cannot be read')
    const other = await under.host.start(spec('idle', { game: { ...game, uid: 'uid-1' } }))
    expect(await under.host.list()).toEqual([other])
    expect(await under.host.find(game)).toEqual([])
    await under.host.stop(game, { graceMs: 100 })
    await under.host.remove(game)
    expect(await under.host.start(spec('idle'))).toMatchObject({ state: 'running' })
  })

  it('of a stranger are not signalled even where they name its whole group', async () => {
    await under.host.start(spec('idle'))
    const path = join(under.engines, 'uid-0', 'instance.json')
    const record = JSON.parse(await readFile(path, 'utf8')) as object
    await under.host.stopAll({ graceMs: 100 })
    const stranger = spawn('sleep', ['60'], { detached: true })
    const pid = stranger.pid ?? 0
    // Its true start time, but in another boot.
    const identity = ((await processIdentity(pid)) ?? '').replace(/^[^/]*/, 'an-earlier-boot')
    await writeFile(path, JSON.stringify({ ...record, exit: undefined, process: { pid, identity } }))
    await under.host.stop(game, { graceMs: 100 })
    await under.host.remove(game)
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
    stranger.kill()
    await once(stranger, 'exit')
  })

  it.each([0, 1, -1])('that name the process %i are none', async (pid) => {
    await under.host.start(spec('idle'))
    await under.host.stopAll({ graceMs: 100 })
    const path = join(under.engines, 'uid-0', 'instance.json')
    const record = JSON.parse(await readFile(path, 'utf8')) as object
    const identity = (await processIdentity(1)) ?? ''
    await writeFile(path, JSON.stringify({ ...record, exit: undefined, process: { pid, identity } }))
    await expect(under.host.start(spec('idle', { epoch: 2 }))).rejects.toThrow('cannot be read')
  })

  it('survive junk beside them', async () => {
    await mkdir(join(under.engines, 'not an engine'), { recursive: true })
    await writeFile(join(under.engines, 'file'), '')
    expect(await under.host.list()).toEqual([])
  })
})
