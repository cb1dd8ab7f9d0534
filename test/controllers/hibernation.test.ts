import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findCondition } from '../../src/platform/kubernetes/conditions.ts'
import type { Game } from '../../src/resources/index.ts'
import { eventually } from '../support/eventually.ts'
import { inDefault, isReady, openGames } from '../support/games.ts'
import { type Platform, startPlatform } from '../support/platform.ts'
import { processesMentioning } from '../support/processes.ts'

const userId = 'a11ce000-0000-4000-8000-000000000001'
const players = [
  { userId, raceName: 'Terrans' },
  { userId: 'user-1', raceName: 'Zerks' },
]
const sleepy = { players, hibernation: { idleAfter: '1s' } }
const every15s = { schedule: '*/15 * * * * *' }

let platform: Platform
let games: ReturnType<typeof openGames>
let token: string

beforeAll(async () => {
  platform = await startPlatform({
    env: { CONTROLLER_HEALTH_CHECK_INTERVAL: '500ms', CONTROLLER_WAKE_LEAD: '3s', CONTROLLER_WAKE_QUEUE: '2' },
  })
  games = openGames(platform.kubeconfig)
  await games.informer.synced()
  token = (await readFile(String(platform.endpoints['serviceTokenFile']), 'utf8')).trim()
  await games.create('called', { ...sleepy, hibernation: { idleAfter: '3s' } })
  await games.create('forced', sleepy)
  await games.create('punctual', { ...sleepy, turns: every15s })
})
afterAll(async () => {
  await games?.[Symbol.asyncDispose]()
  await platform?.[Symbol.asyncDispose]()
})

const isAsleep = ({ status }: Game) => status.phase === 'Hibernated'
const turnOf = ({ status }: Game) => status.turn?.number ?? 0
const stateDir = ({ metadata }: Game) => join(platform.dir, 'engines', metadata.uid, 'state')

/** Versions of the game that the watch has shown. */
const seenOf = (name: string) => games.seen.filter(({ metadata }) => metadata.name === name)

async function post(path: string, headers: Record<string, string> = {}) {
  const url = `${String(platform.endpoints['controller'])}/api/v1/internal${path}`
  const answer = await request(url, { method: 'POST', headers: { authorization: `Bearer ${token}`, ...headers } })
  return { status: answer.statusCode, body: await answer.body.json() }
}

/** What a gateway asks for a player who has signed in. */
async function ordersOf(name: string) {
  const url = `${String(platform.endpoints['api'])}/api/v1/user/games/${name}/orders`
  const session = '5e551000-0000-4000-8000-000000000001'
  const headers = { authorization: `Bearer ${token}`, 'x-user-id': userId, 'x-device-session-id': session }
  const answer = await request(url, { headers })
  return { status: answer.statusCode, body: await answer.body.json() }
}

describe('a game that nobody plays', () => {
  it('sleeps: its engine is stopped, its state kept, and its conditions say so', async () => {
    const game = await games.until('called', isAsleep)
    await eventually(async () => (await processesMentioning(stateDir(game))).length === 0)
    const conditions = game.status.conditions ?? []
    expect(findCondition(conditions, 'Ready')).toMatchObject({ status: 'False', reason: 'Hibernated' })
    expect(findCondition(conditions, 'Initialized')).toMatchObject({ status: 'True' })
    expect(findCondition(conditions, 'Degraded')).toMatchObject({ status: 'False' })
    expect(game.status.engine).toMatchObject({ restarts: 0, version: '1.0.0' })
    expect(game.status.engine?.endpoint).toBeUndefined()
  })

  it('is woken by the calls of players, once for all of them, and answers them', async () => {
    const before = await games.until('called', isAsleep)
    const answers = await Promise.all(Array.from({ length: 8 }, () => ordersOf('called')))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    const after = await games.until('called', isReady)
    expect(after.status.engine).toMatchObject({ epoch: (before.status.engine?.epoch ?? 0) + 1, restarts: 0 })
  })

  it('stays awake for as long as players call', async () => {
    await ordersOf('called')
    const { resourceVersion } = await games.until('called', isReady).then(({ metadata }) => metadata)
    const until = Date.now() + 8000
    await eventually(async () => {
      expect((await ordersOf('called')).status).toBe(200)
      return Date.now() > until
    }, 15_000)
    const since = seenOf('called').filter(({ metadata }) => Number(metadata.resourceVersion) > Number(resourceVersion))
    expect(since.filter(isAsleep)).toEqual([])
    expect(since.at(-1)?.metadata.annotations).toHaveProperty(['galaxy.dev/last-activity'])
  })

  it('is woken through the internal api, which answers where its engine is', async () => {
    await games.until('called', isAsleep)
    const answer = await post('/games/called/wake')
    const { status } = await games.until('called', isReady)
    expect(answer).toEqual({ status: 200, body: { endpoint: status.engine?.endpoint, epoch: status.engine?.epoch } })
  })

  it('is woken by a turn that is forced, through the internal api or by the spec, and sleeps again after it', async () => {
    await games.until('forced', isAsleep)
    expect((await post('/games/forced/force-next-turn')).status).toBe(202)
    await games.until('forced', (game) => turnOf(game) === 1)
    await games.until('forced', (game) => turnOf(game) === 1 && isAsleep(game))
    await games.patch('forced', { turns: { forceToken: 'again' } })
    await games.until('forced', (game) => turnOf(game) === 2 && isAsleep(game))
  })

  it('has its turns on time, and sleeps in between', async () => {
    const asleep = await games.until('punctual', isAsleep)
    const due = Date.parse(String(asleep.status.turn?.nextAt))
    await games.until('punctual', (game) => turnOf(game) > turnOf(asleep))
    const woken = seenOf('punctual').find((game) => isReady(game) && turnOf(game) === turnOf(asleep) + 1)
    const readySince = findCondition(woken?.status.conditions ?? [], 'Ready')?.lastTransitionTime
    expect(Date.parse(String(readySince))).toBeLessThan(due)
    expect(Date.parse(String(woken?.status.turn?.lastAt))).toBeGreaterThanOrEqual(due)
    await games.until('punctual', (game) => turnOf(game) > turnOf(asleep) && isAsleep(game))
    await games.client.remove(inDefault('punctual'))
  })

  it('tells in metrics how long it took to wake, and how many sleep', async () => {
    const answer = await request(`${String(platform.endpoints['controllerMetrics'])}/metrics`)
    const text = await answer.body.text()
    for (const cause of ['call', 'turn', 'change']) {
      expect(text).toMatch(new RegExp(`galaxy_wake_seconds_count\\{cause="${cause}"\\} [1-9]`))
    }
    expect(text).toMatch(/galaxy_games_hibernated [0-9]/)
  })

  it('is deleted like any other', async () => {
    const game = await games.until('forced', isAsleep)
    await games.client.remove(inDefault('forced'))
    await games.gone('forced')
    expect(await processesMentioning(stateDir(game))).toEqual([])
  })
})
