import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { endProcess, startControllerProcess } from '../support/controller.ts'
import { isReady, openGames } from '../support/games.ts'
import { startPlatform } from '../support/platform.ts'

type Line = Record<string, unknown> & { msg: string }

it('each line about a game tells which, in which turn, and in which trace', async () => {
  await using platform = await startPlatform({ args: ['--without', 'controller'] })
  await using games = openGames(platform.kubeconfig)
  await games.informer.synced()
  const settings = { CONTROLLER_OTEL_TRACES_EXPORTER: 'stdout', CONTROLLER_ENGINE_START_TIMEOUT: '1s' }
  const controller = startControllerProcess(platform.dir, settings, 'pipe')
  const lines: Line[] = []
  if (!controller.stderr) throw new Error('there is no standard error')
  createInterface(controller.stderr).on('line', (line) => lines.push(JSON.parse(line)))
  await using clean = new AsyncDisposableStack()
  clean.defer(() => endProcess(controller, 'SIGTERM'))

  await games.create('plays', { turns: { schedule: '* * * * * *' } })
  await games.create('broken', { engine: { image: 'galaxy-engine:0.0.0' } })
  clean.defer(async () => {
    for (const name of ['plays', 'broken']) await games.client.remove({ namespace: 'default', name })
    await Promise.all([games.gone('plays'), games.gone('broken')])
  })
  await games.until('plays', isReady)
  await games.until('plays', ({ status }) => (status.turn?.number ?? 0) >= 2)
  const told = (name: string) => lines.filter(({ game }) => game === name)
  await expect.poll(() => told('broken').some(({ action }) => action === 'pull')).toBe(true)
  await expect.poll(() => told('plays').some(({ turn }) => turn === 2)).toBe(true)

  const about = lines.filter(
    ({ controller: name, game, reason }) => name === 'game' || game !== undefined || reason !== undefined,
  )
  for (const line of about) {
    expect(line).toMatchObject({
      game: expect.stringMatching(/^(plays|broken)$/),
      namespace: 'default',
      otel_trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      otel_span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
    })
  }
  // A line's turn is the one that it tells of.
  const generated = told('plays').filter(({ reason }) => reason === 'TurnGenerated')
  expect(generated.length).toBeGreaterThan(1)
  for (const { msg, turn } of generated) expect(msg).toMatch(new RegExp(`^turn ${String(turn)} `))
  expect(told('broken').filter((line) => 'turn' in line)).toEqual([])
})
