import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { endProcess, startControllerProcess } from '../support/controller.ts'
import { openGames } from '../support/games.ts'
import { startPlatform } from '../support/platform.ts'

const turns = 100

it('a hundred turns have no gap and no repeat, whatever is restarted, killed or paused meanwhile', async () => {
  await using platform = await startPlatform({ args: ['--without', 'controller'] })
  let controller = startControllerProcess(platform.dir)
  await using games = openGames(platform.kubeconfig)
  try {
    await games.create('century', { turns: { schedule: '*/5 * * * * *' } })
    const turn = (number: number) =>
      games.until('century', ({ status }) => (status.turn?.number ?? 0) >= number, 300_000)
    const engine = async () => (await games.client.get({ namespace: 'default', name: 'century' }))?.status.engine
    const restartedByController: number[] = []

    for (const [at, signal] of [
      [5, 'SIGTERM'],
      [15, 'SIGKILL'],
      [25, 'SIGTERM'],
      [35, 'SIGKILL'],
      [45, 'SIGKILL'],
      [70, 'SIGTERM'],
    ] as const) {
      await turn(at)
      const before = await engine()
      await endProcess(controller, signal)
      await delay(at % 2 === 0 ? 0 : 1500)
      controller = startControllerProcess(platform.dir)
      await turn(at + 2)
      const after = await engine()
      expect(after?.ref, 'the same engine, adopted').toBe(before?.ref)
      restartedByController.push((after?.restarts ?? 0) - (before?.restarts ?? 0))
      if (at === 25 || at === 45) {
        process.kill(Number(after?.ref?.split('/').at(-1)), 'SIGKILL')
        await turn(at + 4)
        expect((await engine())?.restarts).toBe((after?.restarts ?? 0) + 1)
      }
    }
    await games.patch('century', { runState: 'Paused' })
    const paused = await games.until('century', ({ status }) => status.phase === 'Paused')
    await delay(11_000)
    expect((await games.client.get({ namespace: 'default', name: 'century' }))?.status.turn?.number).toBe(
      paused.status.turn?.number,
    )
    await games.patch('century', { runState: 'Running' })
    const last = await games.until('century', ({ status }) => (status.turn?.number ?? 0) >= turns, 400_000)

    const numbers = games.seen.map(({ status }) => status.turn?.number ?? 0)
    const changes = numbers.filter((number, index) => index === 0 || number !== numbers[index - 1])
    expect(changes).toEqual(Array.from({ length: changes.length }, (_, index) => index))
    expect(restartedByController).toEqual([0, 0, 0, 0, 0, 0])
    expect(last.status.engine?.restarts).toBe(2)
    const files = await readdir(join(platform.dir, 'engines', last.metadata.uid, 'state', 'turns'))
    expect(files.filter((name) => /^[0-9]+/.test(name)).length).toBeGreaterThanOrEqual(turns)
    console.log(
      `turns seen ${changes.at(-1)}, controllers ended 6 times, engines killed 2 times, restarts ${last.status.engine?.restarts}`,
    )
  } finally {
    await endProcess(controller, 'SIGTERM')
  }
})
