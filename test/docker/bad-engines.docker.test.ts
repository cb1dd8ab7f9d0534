import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findCondition } from '../../src/platform/kubernetes/conditions.ts'
import type { Game } from '../../src/resources/index.ts'
import { gameManifest, isReady } from '../support/games.ts'
import { badImage, removeBadImages } from './bad-images.ts'
import { containerOf, type DockerPlatform, openDocker, startDockerPlatform } from './docker-platform.ts'

const docker = openDocker()
const good = { engine: { image: 'galaxy-engine:1.0.0' } }
const degraded = ({ status }: Game) => findCondition(status.conditions ?? [], 'Degraded')

type Bad = { name: string; image: () => Promise<string>; engine?: object; reason: string; says: string }

const bad: readonly Bad[] = [
  { name: 'nowhere', image: async () => '127.0.0.1:1/none:1', reason: 'ImageUnavailable', says: 'connection refused' },
  { name: 'crashing', image: () => badImage(docker, 'crashing'), reason: 'EngineExited', says: 'no licence found' },
  {
    name: 'hungry',
    image: () => badImage(docker, 'hungry'),
    engine: { resources: { limits: { memory: '256Mi' } } },
    reason: 'OutOfMemory',
    says: 'it may have 256Mi (spec.engine.resources.limits.memory)',
  },
  { name: 'silent', image: () => badImage(docker, 'silent'), reason: 'NeverHealthy', says: 'not healthy within 5 s' },
  { name: 'hanging', image: () => badImage(docker, 'hanging'), reason: 'InitFailed', says: '/admin/init' },
]

let on: DockerPlatform
const startedAt = Math.floor(Date.now() / 1000)

beforeAll(async () => {
  on = await startDockerPlatform({
    env: { CONTROLLER_ENGINE_START_TIMEOUT: '5s', CONTROLLER_ENGINE_CALL_TIMEOUT: '3s' },
  })
  // All at once: each takes its time to fail.
  for (const { name, image, engine } of bad)
    await on.games.create(name, { engine: { image: await image(), ...engine } })
})
afterAll(async () => {
  await on?.[Symbol.asyncDispose]()
  await removeBadImages(docker)
})

/** How many containers were made for the game, by what the daemon remembers. */
async function creations(game: string): Promise<number> {
  const filters = { event: ['create'], label: [`galaxy.dev/game=${game}`] }
  const until = Math.ceil(Date.now() / 1000)
  const told = (await buffer(await docker.getEvents({ since: startedAt, until, filters }))).toString('utf8')
  return told.split('\n').filter((line) => line !== '').length
}

describe.each(bad)('an engine that is $name', ({ name, reason, says }) => {
  it(`leaves its game Degraded (${reason}), which kubectl can tell`, async () => {
    const game = await on.games.until(name, (each) => degraded(each)?.reason === reason, 30_000)
    expect(degraded(game)).toMatchObject({ status: 'True', message: expect.stringContaining(says) })
    expect(isReady(game)).toBe(false)
    expect((await on.kubectl(['describe', 'game', name])).stdout).toMatch(new RegExp(`Warning +${reason}`))
  })

  it('is tried again more and more seldom', async () => {
    await on.games.until(name, ({ status }) => (status.engine?.failures ?? 0) >= 3, 60_000)
    const minutes = Math.max(1, (Date.now() / 1000 - startedAt) / 60)
    expect((await creations(name)) / minutes).toBeLessThanOrEqual(8)
  })

  it('is replaced at once when its game is given a better one', async () => {
    const { code } = await on.kubectl(['apply', '-f', '-'], JSON.stringify(gameManifest(name, good)))
    expect(code).toBe(0)
    await on.games.until(name, (each) => isReady(each) && degraded(each)?.status === 'False', 60_000)
    expect((await docker.getContainer(containerOf(name)).inspect()).Config.Image).toBe('galaxy-engine:1.0.0')
  })
})
