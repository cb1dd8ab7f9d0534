import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { initBody, startTestEngine, temporaryDir } from './fixtures.ts'
import { botOrders } from './rules/bot.ts'
import type { Report } from './rules/report.ts'

const races = ['Terrans', 'Vegans']
const maxTurns = 150

/** Plays over the contract, as clients do, and restarts the engine now and then. */
async function play(dir: string, restartEvery: number): Promise<number> {
  for (let turn = 0; turn < maxTurns;) {
    await using engine = await startTestEngine({ dir })
    if (turn === 0) await engine.init(initBody(races, { size: 'tiny', seed: 1 }))
    do {
      for (const raceName of races) {
        const report = JSON.parse((await engine.report(raceName)).text) as Report
        const sent = await engine.order(raceName, turn + 1, botOrders(report))
        expect(sent.status, sent.text).toBe(200)
      }
      turn += 1
      const { json } = await engine.turn(turn)
      if (json['finished'] === true) return turn
    } while (turn % restartEvery !== 0)
  }
  throw new Error(`nobody has won after ${maxTurns} turns`)
}

it('two players play a game to its end, whose state is the same however often the engine was restarted', async () => {
  await using one = await temporaryDir()
  await using other = await temporaryDir()
  const [turns, same] = [await play(one.path, maxTurns), await play(other.path, 7)]
  expect(same).toBe(turns)
  const file = join('turns', `${String(turns).padStart(6, '0')}.json`)
  expect(await readFile(join(one.path, file), 'utf8')).toBe(await readFile(join(other.path, file), 'utf8'))
  await using engine = await startTestEngine({ dir: one.path })
  expect((await engine.status()).json).toMatchObject({ finished: true, result: { winner: expect.any(String) } })
}, 20_000)
