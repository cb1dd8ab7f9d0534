import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Agent } from 'undici'
import { expect, it } from 'vitest'
import { createEngineClient } from '../../src/engine-contract/index.ts'
import { endProcess } from '../support/controller.ts'
import { eventually } from '../support/eventually.ts'
import { isReady, openGames } from '../support/games.ts'
import { startPlatform } from '../support/platform.ts'
import { processesMentioning } from '../support/processes.ts'

const kills = 20
const names = ['a', 'b', 'c', 'd', 'e'].map((letter) => `killed-${letter}`)

it('kill -9 of everything, twenty times at random moments, costs no turn, doubles none and leaves no process', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-kill-nine-'))
  const engines = createEngineClient({ dispatcher: new Agent() })
  const startedAt = Date.now()
  const turnsAfterKill: number[][] = []
  const restartsInAll: number[] = []
  try {
    for (let round = 0; round <= kills; round += 1) {
      const platform = await startPlatform({ dir })
      await using games = openGames(platform.kubeconfig)
      await games.informer.synced()
      if (round === 0) for (const name of names) await games.create(name, { turns: { schedule: '* * * * * *' } })
      const known = turnsAfterKill.at(-1) ?? names.map(() => 0)
      for (const [index, name] of names.entries()) {
        const game = await games.until(
          name,
          (each) => isReady(each) && (each.status.turn?.number ?? 0) >= (known[index] ?? 0),
        )
        const { endpoint = '', epoch = 0 } = game.status.engine ?? {}
        const { turn } = await engines.status({ endpoint, epoch, gameId: game.metadata.uid }, { timeoutMs: 5000 })
        expect(turn, 'the engine never stands behind what was recorded').toBeGreaterThanOrEqual(known[index] ?? 0)
      }
      if (round === kills) {
        await games.until(names[0] ?? '', ({ status }) => (status.turn?.number ?? 0) > (known[0] ?? 0))
        restartsInAll.push(
          ...names.map((name) => games.informer.get({ namespace: 'default', name })?.status.engine?.restarts ?? -1),
        )
        await platform[Symbol.asyncDispose]()
        break
      }
      await delay(300 + Math.random() * 2500)
      await endProcess(platform.child, 'SIGKILL')
      turnsAfterKill.push(
        names.map((name) => games.informer.get({ namespace: 'default', name })?.status.turn?.number ?? 0),
      )
    }
    const elapsedS = Math.ceil((Date.now() - startedAt) / 1000)
    for (const turn of turnsAfterKill.at(-1) ?? [])
      expect(turn, 'no more turns than seconds').toBeLessThanOrEqual(elapsedS)
    expect(restartsInAll, 'engines were adopted, not restarted').toEqual(names.map(() => 0))
    await eventually(async () => (await processesMentioning(dir)).length === 0)
    console.log(
      `killed ${kills} times in ${elapsedS} s; turns at the end ${turnsAfterKill.at(-1)?.join(', ')}; engine restarts ${restartsInAll.join(', ')}`,
    )
  } finally {
    for (const pid of await processesMentioning(dir)) process.kill(pid, 'SIGKILL')
    await rm(dir, { recursive: true, force: true })
  }
})
