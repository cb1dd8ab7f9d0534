import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineSpec, GameRef } from '../port.ts'
import { type PodsUnderTest, podsUnderTest } from './cluster-under-test.ts'
import { objectName, wallName } from './names.ts'

const deadline = { timeout: 20_000, interval: 50 }

describe('an engine on a cluster', () => {
  let under: PodsUnderTest
  let game: GameRef
  beforeAll(async () => {
    under = await podsUnderTest()
    game = under.aGame()
    await under.host.start(spec(1))
  })
  afterAll(() => under.dispose())

  const spec = (epoch: number): EngineSpec => {
    const [resources, storage] = [{ requests: {}, limits: {} }, {}]
    return { game, image: under.images.listening, epoch, env: [], resources, storage }
  }
  const kubectl = (...args: string[]) => under.kubectl('-n', game.namespace, ...args)
  const name = () => objectName(game.name)
  /** Whoever looks after an engine looks after the wall. */
  const wall = async (path: string) => {
    await under.host.find(game)
    return kubectl('get', 'networkpolicy', wallName, '--ignore-not-found', '-o', `jsonpath=${path}`)
  }
  const orphan = (what: string) =>
    kubectl('patch', what, name(), '--type=json', '-p', '[{"op":"remove","path":"/metadata/ownerReferences"}]')
  const healthy = async () => {
    const [engine] = await under.host.find(game)
    return engine ? under.get(engine, '/healthz').catch(() => 0) : 0
  }

  it('gets back the Service that somebody has deleted, and its wall', async () => {
    const told: string[] = []
    using _watching = under.host.watch(({ uid }) => told.push(uid))
    await kubectl('delete', 'service', name())
    await kubectl('delete', 'networkpolicy', wallName)
    await expect.poll(() => told, deadline).toContain(game.uid)
    await expect.poll(healthy, deadline).toBe(200)
    await expect.poll(() => wall('{.metadata.name}'), deadline).toBe(wallName)
  })

  it('loses the gate that somebody has made in its wall', async () => {
    await kubectl('patch', 'networkpolicy', wallName, '--type=merge', '-p', '{"spec":{"egress":[{}]}}')
    await expect.poll(() => wall('{.spec.egress}'), deadline).toBe('')
  })

  it('gets back its wall when somebody has taken away the label by which that is found', async () => {
    await kubectl('patch', 'networkpolicy', wallName, '--type=merge', '-p', '{"spec":{"egress":[{}]}}')
    await kubectl('label', 'networkpolicy', wallName, 'app.kubernetes.io/managed-by-')
    await expect.poll(() => wall('{.metadata.labels}'), deadline).toContain('galaxy')
    expect(await wall('{.spec.egress}')).toBe('')
  })

  it.each(['app.kubernetes.io/managed-by', 'galaxy.dev/game-uid'])(
    'is found and gets back its label %s',
    async (label) => {
      const [before] = await under.host.find(game)
      await kubectl('label', 'pod', name(), `${label}-`)
      const labels = async () => {
        await under.host.find(game)
        return kubectl('get', 'pod', name(), '-o', 'jsonpath={.metadata.labels}')
      }
      await expect.poll(labels, deadline).toContain(label)
      expect(await under.host.find(game)).toEqual([before])
    },
  )

  it('gets back the owner that somebody has taken away', async () => {
    const [before] = await under.host.find(game)
    for (const what of ['pod', 'service']) await orphan(what)
    const owners = async (what: string) => {
      await under.host.find(game)
      return kubectl('get', what, name(), '-o', 'jsonpath={.metadata.ownerReferences[*].uid}')
    }
    for (const what of ['pod', 'service']) await expect.poll(() => owners(what), deadline).toBe(game.uid)
    expect(await under.host.find(game)).toEqual([before])
  })

  it('is waited for by a drain of its node during a turn, and leaves between turns', async () => {
    const node = await kubectl('get', 'pod', name(), '-o', 'jsonpath={.spec.nodeName}')
    const selector = `--pod-selector=galaxy.dev/game-uid=${game.uid}`
    const drain = () =>
      under.kubectl('drain', node, selector, '--force', '--delete-emptydir-data', '--dry-run=server', '--timeout=3s')
    expect(await under.host.find(game)).toMatchObject([{ safeToEvict: true }])
    expect(await drain()).toMatch(/drained/)
    await under.host.annotate?.(game, { safeToEvict: false })
    await expect.poll(() => drain().catch(String), deadline).toMatch(/disruption budget/)
    await under.host.annotate?.(game, { safeToEvict: true })
    await expect.poll(() => drain().catch(String), deadline).toMatch(/drained/)
  })

  it('is told to have ended when its Pod is deleted, which nobody has asked us for', async () => {
    const [before] = await under.host.find(game)
    await kubectl('delete', 'pod', name(), '--grace-period=1')
    await expect
      .poll(async () => (await under.host.find(game)).filter(({ state }) => state === 'running'), deadline)
      .toEqual([])
    expect((await under.host.find(game)).find(({ ref }) => ref === before?.ref)?.exit?.requested).not.toBe(true)
  })

  it('is removed as an orphan, but its data never under a Pod, whoever says that it is theirs', async () => {
    await under.host.start(spec(2))
    const claim = () => kubectl('get', 'pvc', name(), '--ignore-not-found', '-o', 'jsonpath={.status.phase}')
    await kubectl('delete', 'service', name())
    await orphan('pod')
    await kubectl('label', 'pod', name(), 'galaxy.dev/game-uid-')
    await expect(under.host.removeData(game)).rejects.toMatchObject({ failure: 'HostUnavailable' })
    await kubectl('label', 'pod', name(), `galaxy.dev/game-uid=${game.uid}`)
    await expect
      .poll(async () => (await under.host.list()).map(({ game: { uid } }) => uid), deadline)
      .toEqual([game.uid])
    await expect(under.host.removeData(game)).rejects.toMatchObject({ failure: 'HostUnavailable' })
    expect(await claim()).toBe('Bound')
    await under.host.remove(game)
    expect(await kubectl('get', 'pods', '-o', 'name')).toBe('')
    await under.host.removeData(game)
    expect(await claim()).toBe('')
  })
})
