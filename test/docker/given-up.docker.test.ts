import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestRegistry, type TestRegistry } from '../../src/controllers/hosts/docker/test-registry.ts'
import { findCondition } from '../../src/platform/kubernetes/conditions.ts'
import type { Game } from '../../src/resources/index.ts'
import { isReady } from '../support/games.ts'
import { badImage, removeBadImages } from './bad-images.ts'
import { containerOf, type DockerPlatform, openDocker, startDockerPlatform } from './docker-platform.ts'

const docker = openDocker()
const megabyte = 1_000_000

/** What a pass waits for, and the reason that the game then has, with an engine or not. Each would go on for minutes. */
const waits = [
  { what: 'a pull that has stalled', name: 'stalled', reason: 'Pulling', hasEngine: false },
  { what: 'an engine to be healthy', name: 'silent', reason: 'Starting', hasEngine: true },
  { what: 'an engine to create its game', name: 'hanging', reason: 'Initializing', hasEngine: true },
]

let registry: TestRegistry
let on: DockerPlatform
let images: Readonly<Record<string, string>>

beforeAll(async () => {
  registry = await openTestRegistry(docker)
  images = {
    stalled: await registry.push('stalled', 8 * megabyte),
    silent: await badImage(docker, 'silent'),
    hanging: await badImage(docker, 'hanging'),
  }
  registry.hold(megabyte)
  on = await startDockerPlatform({
    env: {
      CONTROLLER_DOCKER_CONFIG: await registry.configuration(),
      CONTROLLER_ENGINE_START_TIMEOUT: '10m',
      CONTROLLER_ENGINE_CALL_TIMEOUT: '10m',
    },
  })
})
afterAll(async () => {
  registry?.release()
  await on?.[Symbol.asyncDispose]()
  await registry?.[Symbol.asyncDispose]()
  await removeBadImages(docker)
})

const whyNotReady = ({ status }: Game) => findCondition(status.conditions ?? [], 'EngineReady')?.reason

describe.each(waits)('while the controller waits for $what', ({ name, reason, hasEngine }) => {
  async function waiting(suffix: string): Promise<string> {
    const game = `${name}-${suffix}`
    await on.games.create(game, { engine: { image: images[name] } })
    const waits = (each: Game) => whyNotReady(each) === reason && (each.status.engine?.ref !== undefined) === hasEngine
    await on.games.until(game, waits, 60_000)
    return game
  }

  it('a game that is deleted goes at once, with all that it had', async () => {
    const game = await waiting('deleted')
    await on.games.client.remove({ namespace: 'default', name: game }, {})
    await on.games.gone(game, 40_000)
    await expect(docker.getContainer(containerOf(game)).inspect()).rejects.toMatchObject({ statusCode: 404 })
  })

  it('a game that is stopped is stopped at once, and its engine does not run', async () => {
    const game = await waiting('stopped')
    await on.games.patch(game, { runState: 'Stopped' })
    const { status } = await on.games.until(game, (each) => each.status.phase === 'Stopped', 40_000)
    expect(status.engine?.failures).toBe(0)
    const { State } = await docker
      .getContainer(containerOf(game))
      .inspect()
      .catch(() => ({ State: undefined }))
    expect(State?.Running ?? false).toBe(false)
  })

  it('a game that is given another image runs with that at once', async () => {
    const game = await waiting('moved')
    await on.games.patch(game, { engine: { image: 'galaxy-engine:1.0.0' } })
    const { status } = await on.games.until(game, isReady, 40_000)
    expect(status.engine).toMatchObject({ image: 'galaxy-engine:1.0.0', failures: 0 })
  })
})
