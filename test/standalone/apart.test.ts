import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClientEvent } from '../../src/client/index.ts'
import { apiEnvironment, edgeEnvironment } from '../../src/standalone/environments.ts'
import { layoutOf } from '../../src/standalone/layout.ts'
import { endProcess } from '../support/controller.ts'
import { freeAddress } from '../support/free-address.ts'
import { type GalaxyProcess, startGalaxyProcess, urlOf } from '../support/galaxy-process.ts'
import { eventually } from '../support/eventually.ts'
import { openGames } from '../support/games.ts'
import { type Platform, startPlatform } from '../support/platform.ts'
import { signInPlayer } from '../support/players.ts'

/** The platform without its api and edge, and these two as processes of their own. */
let platform: Platform
let at: Awaited<ReturnType<typeof addresses>>
let api: GalaxyProcess
let edge: GalaxyProcess

async function addresses() {
  const [http, push, metrics, publicHttp, auth, admin] = await Promise.all(Array.from({ length: 6 }, freeAddress))
  if (!http || !push || !metrics || !publicHttp || !auth || !admin) throw new Error('no free ports')
  return { http, push, metrics, publicHttp, auth, admin }
}

async function startApi(): Promise<GalaxyProcess> {
  const layout = layoutOf(platform.dir)
  const database = (await readFile(layout.databaseUrl, 'utf8')).trim()
  const smtp = String(platform.endpoints['smtp'])
  return startGalaxyProcess('api', apiEnvironment(layout, { ...at, database, smtp }, {}))
}

const isReady = async (address: { host: string; port: number }) =>
  fetch(`${urlOf(address)}/readyz`).then(
    ({ status }) => status === 200,
    () => false,
  )

beforeAll(async () => {
  platform = await startPlatform({ args: ['--without', 'api', '--without', 'edge'] })
  at = await addresses()
  api = await startApi()
  const needs = { ...at, api: urlOf(at.http), push: urlOf(at.push) }
  edge = startGalaxyProcess('edge', edgeEnvironment(layoutOf(platform.dir), needs, {}))
  await eventually(
    () => isReady(at.publicHttp),
    60_000,
    () => `${api.output()}\n${edge.output()}`,
  )
})
afterAll(async () => {
  await edge[Symbol.asyncDispose]()
  await api[Symbol.asyncDispose]()
  await platform[Symbol.asyncDispose]()
})

describe('an api and an edge that run apart', () => {
  it('serve players, and an api that is killed and started again costs no event and no stream', async () => {
    const mailbox = String(platform.endpoints['mailbox'])
    const doors = { edgePublic: urlOf(at.publicHttp), edgeAuth: urlOf(at.auth), mailbox }
    using player = await signInPlayer({ ...doors, email: 'ada@example.com', protocol: 'grpc' })
    await using games = openGames(platform.kubeconfig)
    await games.create('apart', { players: [{ userId: player.userId, raceName: 'Terrans' }] })
    await games.until('apart', ({ status }) => status.turn?.number === 0)

    const ending = new AbortController()
    const heard: ClientEvent[] = []
    const listening = (async () => {
      for await (const event of player.client.events({ signal: ending.signal })) heard.push(event)
    })()
    const turns = () => heard.flatMap((each) => (each.type === 'game.turn.started' ? [each.payload.turn] : []))
    await eventually(() => heard.length > 0)
    await games.patch('apart', { turns: { forceToken: 'one' } })
    await eventually(() => turns().includes(1))

    await endProcess(api.child, 'SIGKILL')
    await games.patch('apart', { turns: { forceToken: 'two' } })
    await games.until('apart', ({ status }) => status.turn?.number === 2)
    await expect(player.client.account({ timeoutMs: 10_000 })).rejects.toMatchObject({ code: 'backend_unavailable' })
    api = await startApi()
    await eventually(() => turns().includes(2))
    ending.abort()
    await listening
    expect(turns()).toEqual(turns().toSorted((a, b) => a - b))
    expect(heard.map(({ type }) => type)).not.toContain('client.disconnected')
    expect((await player.client.account()).email).toBe('ada@example.com')
  })

  it('end cleanly when they are told to', async () => {
    for (const each of [edge, api]) {
      await endProcess(each.child, 'SIGTERM')
      expect(each.child.exitCode, each.output()).toBe(0)
    }
  })
})
