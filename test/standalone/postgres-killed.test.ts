import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { ClientEvent } from '../../src/client/index.ts'
import { eventually } from '../support/eventually.ts'
import { isReady, openGames } from '../support/games.ts'
import { startPlatform } from '../support/platform.ts'
import { signInPlayer } from '../support/players.ts'

it('a Postgres that is killed costs players no event and no stream: only what needs it is started again', async () => {
  await using platform = await startPlatform()
  const { edgePublic, edgeAuth, mailbox } = platform.endpoints
  const doors = { edgePublic: String(edgePublic), edgeAuth: String(edgeAuth), mailbox: String(mailbox) }
  using player = await signInPlayer({ ...doors, email: 'ada@example.com' })
  await using games = openGames(platform.kubeconfig)
  await games.create('lasting', { players: [{ userId: player.userId, raceName: 'Terrans' }] })
  const { status } = await games.until('lasting', isReady)

  const ending = new AbortController()
  const heard: ClientEvent[] = []
  const listening = (async () => {
    for await (const event of player.client.events({ signal: ending.signal })) heard.push(event)
  })()
  const turns = () => heard.flatMap((each) => (each.type === 'game.turn.started' ? [each.payload.turn] : []))
  await eventually(() => heard.length > 0)
  await games.patch('lasting', { turns: { forceToken: 'one' } })
  await eventually(() => turns().includes(1))

  const [pid] = (await readFile(join(platform.dir, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n')
  process.kill(Number(pid), 'SIGKILL')
  await eventually(() => platform.output().includes('everything is up again'), 40_000, platform.output)
  await games.patch('lasting', { turns: { forceToken: 'two' } })
  await eventually(() => turns().includes(2), 40_000)
  ending.abort()
  await listening

  // That the game has begun may have been told before anybody listened.
  expect(turns().filter((turn) => turn > 0)).toEqual([1, 2])
  expect(heard.map(({ type }) => type)).not.toContain('client.disconnected')
  const after = await games.until('lasting', (game) => game.status.turn?.number === 2)
  expect(after.status.engine).toMatchObject({ ref: status.engine?.ref, restarts: 0 })
  const started = [...platform.output().matchAll(/"starting ([^…"]+)…"/g)].map(([, name]) => name)
  expect(started.slice(6)).toEqual(['Postgres', 'the Kubernetes API', 'the api'])
})
