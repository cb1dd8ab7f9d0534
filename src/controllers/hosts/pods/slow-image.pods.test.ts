import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestRegistry, type TestRegistry } from '../docker/test-registry.ts'
import type { EngineSpec, GameRef } from '../port.ts'
import { type PodsUnderTest, podsUnderTest } from './cluster-under-test.ts'
import type { PodsHost } from './host.ts'
import { objectName } from './names.ts'

const deadline = { timeout: 40_000, interval: 50 }
const secret = 'registry'

describe('an engine whose node is long about its image', () => {
  let under: PodsUnderTest
  let host: PodsHost
  let registry: TestRegistry
  beforeAll(async () => {
    under = await podsUnderTest()
    // Longer than the volume takes, which schedulers wait for.
    host = await under.reopen({ startPatienceMs: 8000 })
    registry = await openTestRegistry(under.docker)
    const config = `--from-file=.dockerconfigjson=${await registry.configuration()}`
    const type = '--type=kubernetes.io/dockerconfigjson'
    await under.kubectl('create', 'secret', 'generic', secret, type, config, '-n', under.namespace)
  })
  afterAll(async () => {
    registry.release()
    await host[Symbol.asyncDispose]()
    await under.dispose()
    await registry[Symbol.asyncDispose]()
  })

  const spec = (game: GameRef, image: string): EngineSpec => ({
    game,
    image,
    epoch: 1,
    env: [],
    resources: { requests: {}, limits: {} },
    storage: {},
    podTemplate: { imagePullSecrets: [{ name: secret }] },
  })
  const found = async (game: GameRef) => (await host.find(game))[0]

  it('is left to come up by itself, is told of then, and holds nobody up', async () => {
    const game = under.aGame()
    const image = await registry.push('large', 3_000_000)
    registry.hold(1_000_000)
    const told: string[] = []
    using _watching = host.watch(({ uid }) => told.push(uid))
    const coming = await host.start(spec(game, image))
    expect(coming).toMatchObject({ state: 'starting', preparing: expect.stringContaining('node ') })
    await expect.poll(async () => (await found(game))?.preparing, deadline).toContain('ContainerCreating')
    told.length = 0
    registry.release()
    // What was pushed is no engine: it has run, and ended.
    await expect.poll(async () => (await found(game))?.state, deadline).toBe('exited')
    const ended = await found(game)
    expect(ended).toMatchObject({ ref: coming.ref, epoch: 1, exit: { code: expect.any(Number) } })
    expect(ended?.exit?.turnedAway).toBeUndefined()
    expect(told).toContain(game.uid)
    await under.docker.getImage(image).remove({ force: true })
  })

  it('and cannot have it says so when it is asked for again, and leaves nothing', async () => {
    const game = under.aGame()
    await using hasty = await under.reopen({ startPatienceMs: 1 })
    const told: string[] = []
    using _watching = host.watch(({ uid }) => told.push(uid))
    expect(await hasty.start(spec(game, under.images.missing))).toMatchObject({ state: 'starting' })
    const waits = async () => {
      const [engine] = await host.find(game)
      return engine?.preparing ?? engine?.unschedulable
    }
    await expect.poll(waits, deadline).toBeUndefined()
    expect(told).toContain(game.uid)
    await expect(host.start(spec(game, under.images.missing))).rejects.toMatchObject({ failure: 'ImageUnavailable' })
    const pod = ['pod', objectName(game.name), '-n', game.namespace, '-o', 'name', '--ignore-not-found']
    expect(await under.kubectl('get', ...pod)).toBe('')
  })
})
