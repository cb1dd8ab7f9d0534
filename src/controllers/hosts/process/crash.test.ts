import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { processesMentioning } from '../../../../test/support/processes.ts'
import type { GameRef } from '../port.ts'
import { openTestHost, type TestHost, testSpec } from './test-host.ts'

const program = fileURLToPath(new URL('./crash-child.ts', import.meta.url))
const games = Array.from({ length: 8 }, (_, index) => ({
  namespace: 'default',
  name: `g${index}`,
  uid: `uid-${index}`,
}))

let under: TestHost
beforeEach(async () => {
  under = await openTestHost()
})
afterEach(() => under[Symbol.asyncDispose]())

function platform(image = under.images.counting) {
  const args = [program, under.engines, image, String(games.length)]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
}

const starts = (game: GameRef) => under.state(game, 'starts')
const counting = (game: GameRef, epoch = 1) => testSpec(game, under.images.counting, { epoch })

describe('a platform that is killed while it starts engines', () => {
  it('loses none, doubles none, and leaves none behind once they are removed', async () => {
    for (let round = 0; round < 6; round += 1) {
      const child = platform()
      await once(child.stdout, 'data')
      await delay((round + Math.random()) * 6)
      child.kill('SIGKILL')
      await once(child, 'exit')
      await using next = await under.open()
      const found = new Set((await next.list()).map(({ ref }) => ref))
      const started = await Promise.all(games.map((game) => next.start(counting(game))))
      const refs = new Set(started.map(({ ref }) => ref))
      expect(refs.size).toBe(games.length)
      expect([...found].filter((ref) => !refs.has(ref))).toEqual([])
      for (const game of games) await expect.poll(() => starts(game), { timeout: 20_000 }).toBe('started\n')
      await Promise.all(games.map((game) => next.remove(game)))
      await Promise.all(games.map((game) => next.removeData(game)))
      await expect.poll(() => processesMentioning(`${under.engines}/`), { timeout: 20_000 }).toEqual([])
    }
  }, 60_000)

  it('may still be alive when its successor starts the same engines', async () => {
    const child = platform()
    const ended = once(child, 'exit')
    await once(child.stdout, 'data')
    const started = await Promise.all(games.map((game) => under.host.start(counting(game))))
    await ended
    expect((await under.host.list()).map(({ ref }) => ref).sort()).toEqual(started.map(({ ref }) => ref).sort())
    for (const game of games) await expect.poll(() => starts(game), { timeout: 20_000 }).toBe('started\n')
  }, 20_000)
})

describe('an engine that a platform left behind', () => {
  it('is ended with what it has started; how it ended by itself nobody can tell', async () => {
    const child = platform(under.images.parent)
    await once(child, 'exit')
    const helper = (game: GameRef) => under.state(game, 'helper')
    for (const game of games) await expect.poll(() => helper(game), { timeout: 20_000 }).toMatch(/\n$/)
    const [first, ...rest] = await under.host.list()
    await Promise.all(rest.map(({ game }) => under.host.stop(game, { graceMs: 1000 })))
    process.kill(-Number(first?.ref.split('/')[1]), 'SIGKILL')
    await expect.poll(() => processesMentioning(`${under.engines}/`), { timeout: 20_000 }).toEqual([])
    await expect.poll(async () => (await under.host.list()).map(({ state }) => state)).not.toContain('running')
    const found = await Promise.all((await under.host.list()).map(({ game }) => under.host.find(game)))
    const exits = found.flat().map(({ exit }) => exit)
    expect(exits.filter((exit) => exit?.requested)).toHaveLength(rest.length)
    for (const exit of exits) expect([exit?.code, exit?.signal]).toEqual([undefined, undefined])
  }, 20_000)
})

describe('a platform that died', () => {
  const game = { namespace: 'default', name: 'x', uid: 'uid-x' }
  const record = () => join(under.engines, game.uid, 'instance.json')
  const readJson = async () => JSON.parse(await readFile(record(), 'utf8')) as Record<string, unknown>

  it('before it recorded the process has lost nothing', async () => {
    const started = await under.host.start(counting(game))
    await expect.poll(() => starts(game)).toBe('started\n')
    await writeFile(record(), JSON.stringify({ ...(await readJson()), process: undefined }))
    await using next = await under.open()
    expect(await next.list()).toEqual([started])
    expect(await next.start(counting(game))).toEqual(started)
  })

  it('before it made the process has started nothing, and a successor can', async () => {
    const started = await under.host.start(testSpec(game, under.images.idle))
    await under.host.stop(game, { graceMs: 1000 })
    const nonce = '0b0e7b8a-6c1f-4a53-9b50-6d1c53b1a111'
    await writeFile(record(), JSON.stringify({ ...(await readJson()), nonce, process: undefined, exit: undefined }))
    await using next = await under.open()
    expect(await next.find(game)).toEqual([])
    const again = await next.start(testSpec(game, under.images.idle))
    expect(again).toMatchObject({ state: 'running', epoch: 1 })
    expect(again.ref).not.toBe(started.ref)
  })

  it('after it decided to stop an engine has asked for its end', async () => {
    const { ref } = await under.host.start(testSpec(game, under.images.idle))
    await writeFile(record(), JSON.stringify({ ...(await readJson()), stopRequested: true }))
    process.kill(Number(ref.split('/')[1]), 'SIGTERM')
    await expect.poll(() => under.host.find(game)).toMatchObject([{ state: 'exited', exit: { requested: true } }])
  })

  it('and took a record with it has not lost the engine that runs', async () => {
    const started = await under.host.start(counting(game))
    await expect.poll(() => starts(game)).toBe('started\n')
    await writeFile(record(), '{ torn')
    await using next = await under.open()
    expect(await next.find(game)).toEqual([started])
    await expect(next.start(counting(game, 2))).rejects.toThrow('still runs')
    await next.remove(game)
    expect(await processesMentioning(`${under.engines}/`)).toEqual([])
  })
})
