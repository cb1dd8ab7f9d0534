import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ChildProcess } from 'node:child_process'
import { endProcess, startControllerProcess } from '../support/controller.ts'
import { isReady, openGames } from '../support/games.ts'
import { type Platform, startPlatform } from '../support/platform.ts'

let platform: Platform
let games: ReturnType<typeof openGames>
let controller: ChildProcess

beforeAll(async () => {
  platform = await startPlatform({ args: ['--without', 'controller'] })
  games = openGames(platform.kubeconfig)
  await games.informer.synced()
  controller = startControllerProcess(platform.dir)
})
afterAll(async () => {
  for (const game of games?.informer.list() ?? []) await games.client.remove(game.metadata)
  await games?.gone('a').catch(() => undefined)
  await games?.gone('b').catch(() => undefined)
  if (controller) await endProcess(controller, 'SIGTERM')
  await games?.[Symbol.asyncDispose]()
  await platform?.[Symbol.asyncDispose]()
})

it.each(['SIGTERM', 'SIGKILL'] as const)(
  'a controller ended by %s costs no engine: the next one adopts them all',
  async (signal) => {
    const names = ['a', 'b']
    if (signal === 'SIGTERM') for (const name of names) await games.create(name, { turns: { schedule: '* * * * * *' } })
    const before = await Promise.all(names.map((name) => games.until(name, isReady)))
    await endProcess(controller, signal)
    controller = startControllerProcess(platform.dir)
    for (const game of before) {
      const { name } = game.metadata
      const turn = game.status.turn?.number ?? 0
      const after = await games.until(name, ({ status }) => (status.turn?.number ?? 0) >= turn + 2)
      expect(after.status.engine).toMatchObject({
        ref: game.status.engine?.ref,
        epoch: game.status.engine?.epoch,
        restarts: 0,
      })
    }
  },
)
