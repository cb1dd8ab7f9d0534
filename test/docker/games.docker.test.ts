import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Game } from '../../src/resources/index.ts'
import { eventually } from '../support/eventually.ts'
import { gameManifest, inDefault, isReady } from '../support/games.ts'
import { containerOf, type DockerPlatform, openDocker, startDockerPlatform } from './docker-platform.ts'

const docker = openDocker()
const everySecond = { turns: { schedule: '* * * * * *' } }
const turnOf = (game: Game) => game.status.turn?.number ?? 0

let on: DockerPlatform
beforeAll(async () => {
  on = await startDockerPlatform()
})
afterAll(() => on?.[Symbol.asyncDispose]())

const container = (game: string) => docker.getContainer(containerOf(game))
const isThere = (game: string) =>
  container(game)
    .inspect()
    .then(
      () => true,
      () => false,
    )
const stateVolume = (game: Game) => docker.getVolume(`galaxy-game-${game.metadata.uid}`)

async function applied(name: string, spec: object = everySecond): Promise<Game> {
  const { code, stderr } = await on.kubectl(['apply', '-f', '-'], JSON.stringify(gameManifest(name, spec)))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return on.games.until(name, isReady, 60_000)
}

async function playing(name: string): Promise<Game> {
  await applied(name)
  return on.games.until(name, (game) => turnOf(game) >= 2)
}

describe('a game in Docker', () => {
  it('is Ready for kubectl, plays its turns, and shows what it is in docker', async () => {
    await applied('plain')
    const waited = await on.kubectl(['wait', '--for=condition=Ready', 'game/plain', '--timeout=30s'])
    expect(waited.code).toBe(0)
    const game = await on.games.until('plain', (each) => turnOf(each) >= 2)
    const { Config, State } = await container('plain').inspect()
    expect(State.Running).toBe(true)
    expect(Config.Labels).toMatchObject({
      'galaxy.backend': '1',
      'galaxy.game-uid': game.metadata.uid,
      'galaxy.dev/game': 'plain',
      'galaxy.dev/instance': on.instance,
    })
    expect((await on.kubectl(['get', 'game', 'plain', '-o', 'wide'])).stdout).toContain('docker')
    expect((await on.kubectl(['describe', 'game', 'plain'])).stdout).toMatch(/Pulled[^]*Started[^]*Initialized/)
    await on.kubectl(['delete', 'game', 'plain'])
    await eventually(async () => !(await isThere('plain')))
    await expect(stateVolume(game).inspect()).rejects.toMatchObject({ statusCode: 404 })
  })

  const ends: { how: string; end: (name: string) => Promise<unknown> }[] = [
    { how: 'killed', end: (name) => container(name).kill() },
    { how: 'stopped', end: (name) => container(name).stop({ t: 5 }) },
    { how: 'removed', end: (name) => container(name).remove({ force: true }) },
  ]
  it.each(ends)('whose container is $how by hand gets another one and goes on where it stood', async ({ how, end }) => {
    const name = `was-${how}`
    const before = await playing(name)
    await end(name)
    const after = await on.games.until(name, (game) => game.status.engine?.restarts === 1 && isReady(game))
    expect(after.status.engine?.ref).not.toBe(before.status.engine?.ref)
    await on.games.until(name, (game) => turnOf(game) > turnOf(after))
    expect(turnOf(after)).toBeGreaterThanOrEqual(turnOf(before))
    expect((await on.kubectl(['describe', 'game', name])).stdout).toContain('Restarted')
    await on.games.client.remove(inDefault(name))
  })

  it('whose container is paused by hand is told of, and goes on when that is taken back', async () => {
    const before = await playing('was-paused')
    await container('was-paused').pause()
    await on.games.until('was-paused', (game) => !isReady(game))
    await container('was-paused').unpause()
    const after = await on.games.until('was-paused', (game) => isReady(game) && turnOf(game) > turnOf(before))
    expect(after.status.engine).toMatchObject({ ref: before.status.engine?.ref, restarts: 0 })
    await on.games.client.remove(inDefault('was-paused'))
  })

  it('whose container came back without its labels is not taken for an engine, which is told', async () => {
    await playing('relabelled')
    const stopped = on.games.patch('relabelled', { runState: 'Stopped' })
    await stopped
    await on.games.until('relabelled', ({ status }) => status.phase === 'Stopped')
    await container('relabelled').remove({ force: true })
    const foreign = await docker.createContainer({ name: containerOf('relabelled'), Image: 'galaxy-engine:1.0.0' })
    await on.games.patch('relabelled', { runState: 'Running' })
    const told = await on.games.until('relabelled', (game) => degraded(game)?.reason === 'StartFailed')
    expect(degraded(told)?.message).toContain(`there is a container ${containerOf('relabelled')} that is no engine`)
    await foreign.remove()
    await on.games.patch('relabelled', { displayName: 'tried again' })
    await on.games.until('relabelled', (game) => isReady(game) && degraded(game)?.status === 'False')
    await on.games.client.remove(inDefault('relabelled'))
  })

  it('that lost its state while it was stopped waits for a person, and begins anew for nobody', async () => {
    const before = await playing('lost')
    await on.games.patch('lost', { runState: 'Stopped' })
    await on.games.until('lost', ({ status }) => status.phase === 'Stopped')
    await container('lost')
      .remove()
      .catch(() => undefined)
    await stateVolume(before).remove()
    await on.games.patch('lost', { runState: 'Running' })
    const told = await on.games.until('lost', (game) => degraded(game)?.reason === 'StateLost')
    expect(turnOf(told)).toBeGreaterThanOrEqual(turnOf(before))
    expect(degraded(told)?.message).toMatch(/has lost the state of turn \d+: restore its data/)
    await on.games.client.remove(inDefault('lost'))
  })

  it('edited while it starts becomes what was asked for last', async () => {
    await on.games.create('edited', { engine: { image: 'galaxy-engine:1.0.0' } })
    await on.games.until('edited', ({ status }) => status.phase !== undefined)
    const env = [{ name: 'LOG_LEVEL', value: 'debug' }]
    await on.games.patch('edited', { engine: { image: 'galaxy-engine:1.0.0', env } })
    const { metadata } = await on.games.until('edited', (game) => game.metadata.generation === 2)
    const isSettled = (game: Game) => isReady(game) && game.status.observedGeneration === metadata.generation
    await eventually(async () => {
      await on.games.until('edited', isSettled)
      return (await container('edited').inspect()).Config.Env.includes('LOG_LEVEL=debug')
    })
    await on.games.until('edited', isSettled)
    expect(await engines('edited')).toHaveLength(1)
    await on.games.client.remove(inDefault('edited'))
  })

  it('deleted while it starts leaves nothing behind', async () => {
    for (const phase of ['Pulling', 'Starting', 'Initializing'] as const) {
      const name = `aborted-${phase.toLowerCase()}`
      const { metadata } = await on.games.create(name)
      // It may have gone through the phase before we saw it.
      await on.games.until(name, ({ status }) => status.phase === phase || status.phase === 'Running')
      await on.games.client.remove(inDefault(name))
      await on.games.gone(name)
      expect(await isThere(name)).toBe(false)
      await expect(docker.getVolume(`galaxy-game-${metadata.uid}`).inspect()).rejects.toMatchObject({ statusCode: 404 })
    }
  })
})

function degraded({ status }: Game) {
  return status.conditions?.find(({ type }) => type === 'Degraded')
}

function engines(game: string) {
  return docker.listContainers({ all: true, filters: { label: [`galaxy.dev/game=${game}`] } })
}
