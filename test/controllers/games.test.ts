import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { callApi } from '../../src/platform/kubernetes/transport.ts'
import { loadKubeConfig } from '../../src/platform/kubernetes/client.ts'
import type { Game } from '../../src/resources/index.ts'
import { eventually } from '../support/eventually.ts'
import { inDefault, isReady, openGames } from '../support/games.ts'
import { type Platform, startPlatform } from '../support/platform.ts'
import { processesMentioning } from '../support/processes.ts'

let platform: Platform
let games: ReturnType<typeof openGames>

beforeAll(async () => {
  platform = await startPlatform({ env: { CONTROLLER_HEALTH_CHECK_INTERVAL: '500ms' } })
  games = openGames(platform.kubeconfig)
  await games.informer.synced()
})
afterAll(async () => {
  await games?.[Symbol.asyncDispose]()
  await platform?.[Symbol.asyncDispose]()
})

const turnOf = (game: Game) => game.status.turn?.number ?? 0
const enginePid = (game: Game) => Number(game.status.engine?.ref?.split('/')[1])
const stateDir = (game: Game) => join(platform.dir, 'engines', game.metadata.uid, 'state')
const Events = z.object({
  items: z.array(z.object({ reason: z.string(), involvedObject: z.object({ name: z.string() }) })),
})

async function reasonsOf(name: string): Promise<string[]> {
  const config = loadKubeConfig({ path: platform.kubeconfig })
  const query = { fieldSelector: `involvedObject.name=${name}` }
  const answer = await callApi(config, { method: 'GET', path: '/api/v1/namespaces/default/events', query }, 5000)
  return Events.parse(answer).items.map(({ reason }) => reason)
}

describe('a game', () => {
  it('becomes Ready, with an event for every step', async () => {
    await games.create('first')
    const game = await games.until('first', isReady)
    expect(game.status).toMatchObject({
      phase: 'Running',
      engine: { version: '1.0.0', runtime: 'process', restarts: 0, epoch: 1 },
    })
    expect(game.metadata.finalizers).toContain('galaxy.dev/engine')
    const told = ['Pulled', 'Started', 'Initialized']
    await eventually(async () => (await reasonsOf('first')).filter((reason) => told.includes(reason)).length === 3)
  })

  it('whose engine is killed goes on within seconds, where it stood', async () => {
    await games.create('killed', { turns: { schedule: '* * * * * *' } })
    const before = await games.until('killed', (game) => turnOf(game) >= 2)
    process.kill(enginePid(before), 'SIGKILL')
    const after = await games.until('killed', (game) => game.status.engine?.restarts === 1 && isReady(game), 10_000)
    expect(after.status.engine?.epoch).toBe((before.status.engine?.epoch ?? 0) + 1)
    const later = await games.until('killed', (game) => turnOf(game) > turnOf(after))
    expect(turnOf(later)).toBeGreaterThan(turnOf(before))
    expect(await reasonsOf('killed')).toContain('Restarted')
    await games.client.remove(inDefault('killed'))
  })

  it('rests while paused, loses its engine and keeps its state while stopped, and goes on', async () => {
    await games.create('resting', { turns: { schedule: '* * * * * *' } })
    await games.until('resting', (game) => turnOf(game) >= 1)
    await games.patch('resting', { runState: 'Paused' })
    const paused = await games.until('resting', (game) => game.status.phase === 'Paused')
    expect(isReady(paused)).toBe(true)
    await games.patch('resting', { runState: 'Stopped' })
    const stopped = await games.until('resting', (game) => game.status.phase === 'Stopped')
    expect(turnOf(stopped)).toBe(turnOf(paused))
    expect(await processesMentioning(stateDir(stopped))).toEqual([])
    await games.patch('resting', { runState: 'Running' })
    const running = await games.until('resting', (game) => turnOf(game) > turnOf(paused))
    expect(running.status.engine?.restarts).toBe(0)
    await games.client.remove(inDefault('resting'))
  })

  it('generates one turn for each change of its force token, and no other', async () => {
    await games.create('forced')
    await games.until('forced', isReady)
    await games.patch('forced', { turns: { forceToken: 'a' } })
    await games.until('forced', (game) => turnOf(game) === 1)
    await games.patch('forced', { turns: { forceToken: 'b' } })
    const twice = await games.until('forced', (game) => turnOf(game) === 2 && game.status.turn?.forceToken === 'b')
    expect(twice.status.turn?.skipNext).toBe(false)
  })

  it('is told what to do through the internal api, with the service credential only', async () => {
    const controller = String(platform.endpoints['controller'])
    const url = `${controller}/api/v1/internal/games/first/force-next-turn`
    expect((await request(url, { method: 'POST' })).statusCode).toBe(401)
    const token = (await readFile(String(platform.endpoints['serviceTokenFile']), 'utf8')).trim()
    const answer = await request(url, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
    expect(answer.statusCode).toBe(202)
    await games.until('first', (game) => turnOf(game) === 1)
  })

  it('keeps its number of turns when its turns cannot be written, tells so, and goes on once they can', async () => {
    await games.create('full', { turns: { schedule: '* * * * * *' } })
    const game = await games.until('full', (each) => turnOf(each) >= 1)
    const turns = join(stateDir(game), 'turns')
    await rename(turns, `${turns}.away`)
    await writeFile(turns, '')
    const failing = await games.until('full', ({ status }) => (status.turn?.attempts ?? 0) > 0)
    expect(failing.status.turn?.lastError).toBeTruthy()
    await rm(turns)
    await rename(`${turns}.away`, turns)
    const later = await games.until('full', (each) => turnOf(each) > turnOf(failing))
    expect(later.status.turn?.lastError).toBeUndefined()
    await games.client.remove(inDefault('full'))
  })

  it('finishes after its last turn and keeps serving', async () => {
    await games.create('short', { turns: { schedule: '* * * * * *', maxTurns: 2 } })
    const finished = await games.until('short', ({ status }) => status.phase === 'Finished')
    expect(turnOf(finished)).toBe(2)
    expect(isReady(finished)).toBe(true)
    // An event is told once the status is written.
    await eventually(async () => (await reasonsOf('short')).includes('Finished'))
  })

  it('that is deleted takes its engine and state along', async () => {
    await games.create('deleted')
    const game = await games.until('deleted', isReady)
    await games.client.remove(inDefault('deleted'))
    await games.gone('deleted')
    expect(await processesMentioning(stateDir(game))).toEqual([])
    expect(await readdir(join(platform.dir, 'engines'))).not.toContain(game.metadata.uid)
  })

  it('that retains its state leaves it behind', async () => {
    await games.create('kept', { storage: { retain: 'Retain' } })
    const game = await games.until('kept', isReady)
    await games.client.remove(inDefault('kept'))
    await games.gone('kept')
    expect(await readdir(stateDir(game))).not.toEqual([])
  })

  it('deleted while it starts leaves nothing behind', async () => {
    await games.create('aborted')
    const game = await games.until('aborted', ({ status }) => status.phase !== undefined)
    await games.client.remove(inDefault('aborted'))
    await games.gone('aborted')
    await mkdir(platform.dir, { recursive: true })
    expect(await processesMentioning(stateDir(game))).toEqual([])
  })
})
