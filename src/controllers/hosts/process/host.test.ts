import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { processesMentioning } from '../../../../test/support/processes.ts'
import { silentLog } from '../../../platform/log.ts'
import type { EngineSpec } from '../port.ts'
import { createProcessHost, type ProcessHost } from './host.ts'
import { type TestImages, writeTestImages } from './test-images.ts'

let dir = ''
let engines = ''
let images: TestImages
let host: ProcessHost
const open = () => createProcessHost({ dir: engines, images: {}, allowFileImages: true, log: silentLog })

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-process-host-'))
  engines = join(dir, 'engines')
  images = await writeTestImages(dir)
  host = await open()
})
afterEach(async () => {
  await host.stopAll({ graceMs: 100 })
  await host[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

const game = { namespace: 'default', name: 'x', uid: 'uid-0' }

function spec(image: string, change: Partial<EngineSpec> = {}): EngineSpec {
  return { game, image, epoch: 1, env: [], resources: { requests: {}, limits: {} }, storage: {}, ...change }
}

describe('an engine process', () => {
  it("gets its own settings, the spec's variables, and nothing of the platform's", async () => {
    const env = [
      { name: 'LOG_LEVEL', value: 'debug' },
      { name: 'GALAXY_STATE_DIR', value: '/elsewhere' },
    ]
    process.env['PLATFORM_SECRET'] = 'hidden'
    await host.start(spec(images.environment, { env, epoch: 9 }))
    const path = join(engines, 'uid-0', 'state', 'environment')
    await expect.poll(() => readFile(path, 'utf8').catch(() => ''), { timeout: 5000 }).toContain('LOG_LEVEL=debug')
    const seen = await readFile(path, 'utf8')
    expect(seen).toContain(`GALAXY_STATE_DIR=${join(engines, 'uid-0', 'state')}`)
    expect(seen).toContain('GALAXY_ENGINE_EPOCH=9')
    expect(seen).not.toContain('hidden')
  })
})

describe('the records of engines', () => {
  it.each(['../evil', '..', 'a/b', '', '.hidden'])('never leave their folder: the uid "%s" is refused', async (uid) => {
    await expect(host.start(spec(images.idle, { game: { ...game, uid } }))).rejects.toMatchObject({ name: 'HostError' })
    await expect(host.removeData({ ...game, uid })).rejects.toMatchObject({ name: 'HostError' })
  })

  it("that name a stranger's process never cost the stranger its life", async () => {
    await host.start(spec(images.idle))
    const path = join(engines, 'uid-0', 'instance.json')
    const record = JSON.parse(await readFile(path, 'utf8')) as { process: { pid: number; identity: string } }
    await host.stopAll({ graceMs: 100 })
    const stranger = spawn('sleep', ['60'])
    const { identity } = record.process
    await writeFile(path, JSON.stringify({ ...record, exit: undefined, process: { pid: stranger.pid, identity } }))
    expect(await host.find(game)).toMatchObject([{ state: 'exited' }])
    await host.remove(game)
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
    stranger.kill()
    await once(stranger, 'exit')
  })

  it('that cannot be read keep their game from being started twice, and no other game from anything', async () => {
    await mkdir(join(engines, 'uid-0'), { recursive: true })
    await writeFile(join(engines, 'uid-0', 'instance.json'), '{ torn')
    await expect(host.start(spec(images.idle))).rejects.toThrow('instance.json cannot be read')
    const other = await host.start(spec(images.idle, { game: { ...game, uid: 'uid-1' } }))
    expect(await host.list()).toEqual([other])
  })

  it('survive junk beside them', async () => {
    await mkdir(join(engines, 'not an engine'), { recursive: true })
    await writeFile(join(engines, 'file'), '')
    expect(await host.list()).toEqual([])
  })
})

describe('a platform that is killed while it starts engines', () => {
  it('loses none, doubles none, and leaves none behind once they are removed', async () => {
    const program = fileURLToPath(new URL('./crash-child.ts', import.meta.url))
    for (let round = 0; round < 6; round += 1) {
      const child = spawn(process.execPath, [program, engines, images.counting, '8'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      await once(child.stdout, 'data')
      await delay(round * 7)
      child.kill('SIGKILL')
      await once(child, 'exit')
      await using next = await open()
      const asked = Array.from({ length: 8 }, (_, index) => ({ ...game, name: `g${index}`, uid: `uid-${index}` }))
      const started = await Promise.all(asked.map((each) => next.start(spec(images.counting, { game: each }))))
      expect(new Set(started.map(({ ref }) => ref)).size).toBe(8)
      for (const { uid } of asked) {
        const starts = () => readFile(join(engines, uid, 'state', 'starts'), 'utf8').catch(() => '')
        await expect.poll(starts, { timeout: 5000 }).toBe('started\n')
      }
      await Promise.all(asked.map((each) => next.remove(each)))
      await Promise.all(asked.map((each) => next.removeData(each)))
      await expect.poll(() => processesMentioning(`${engines}/`), { timeout: 5000 }).toEqual([])
    }
  }, 60_000)
})
