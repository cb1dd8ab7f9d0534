import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineSpec, GameRef } from '../port.ts'
import { type PodsUnderTest, podsUnderTest } from './cluster-under-test.ts'
import { objectName } from './names.ts'

const deadline = { timeout: 40_000, interval: 50 }

describe('an engine that finds no node', () => {
  let under: PodsUnderTest
  let node: string
  beforeAll(async () => {
    under = await podsUnderTest()
    node = (await under.kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}')).trim()
  })
  afterAll(async () => {
    await under.kubectl('uncordon', node)
    await under.dispose()
  })

  const spec = (game: GameRef, change: Partial<EngineSpec> = {}): EngineSpec => ({
    game,
    image: under.images.counting,
    epoch: 1,
    env: [],
    resources: { requests: {}, limits: {} },
    storage: {},
    podTemplate: { nodeSelector: { 'galaxy.dev/no-such-label': 'here' } },
    ...change,
  })
  const onNode = () => ({ podTemplate: { nodeSelector: { 'kubernetes.io/hostname': node } } })
  const found = async (game: GameRef) => (await under.host.find(game))[0]
  /** As a scheduler does that knows more of the node than the node itself. */
  const bind = async ({ name, namespace }: GameRef) => {
    const metadata = { name: objectName(name), namespace }
    const target = { apiVersion: 'v1', kind: 'Node', name: node }
    const dir = await mkdtemp(join(tmpdir(), 'galaxy-binding-'))
    const file = join(dir, 'binding.json')
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'Binding', metadata, target }))
    const path = `/api/v1/namespaces/${namespace}/pods/${metadata.name}/binding`
    await under.kubectl('create', '--raw', path, '-f', file)
    await rm(dir, { recursive: true })
  }
  const pods = (game: GameRef) =>
    under.kubectl('get', 'pod', objectName(game.name), '-n', game.namespace, '-o', 'name', '--ignore-not-found')

  it('holds nobody up, is told of with the reason, and starts by itself when a node comes', async () => {
    const game = under.aGame()
    const told: string[] = []
    using _watching = under.host.watch(({ uid }) => told.push(uid))
    // Not by a label that comes later: a node refuses a Pod that is sent to it before it has heard of its own label.
    await under.kubectl('cordon', node)
    const waiting = await under.host.start(spec(game, onNode()))
    expect(waiting).toMatchObject({ state: 'starting', unschedulable: expect.stringContaining('nodes are available') })
    expect(await found(game)).toEqual(waiting)
    expect(await under.host.list()).toContainEqual(waiting)
    expect(await under.host.start(spec(game, onNode()))).toEqual(waiting)
    told.length = 0
    await under.kubectl('uncordon', node)
    await expect.poll(() => told, deadline).toContain(game.uid)
    await expect.poll(async () => (await found(game))?.state, deadline).toBe('running')
    expect(await under.host.start(spec(game, onNode()))).toMatchObject({ ref: waiting.ref, epoch: 1, state: 'running' })
    await expect.poll(() => under.readState(game, 'starts'), deadline).toBe('started\n')
  })

  it('and is sent to one that refuses it has not failed, and another may follow it there', async () => {
    const game = under.aGame()
    const told: string[] = []
    const { ref } = await under.host.start(spec(game))
    using _watching = under.host.watch(({ uid }) => told.push(uid))
    await bind(game)
    await expect.poll(async () => (await found(game))?.state, deadline).toBe('exited')
    expect(told).toContain(game.uid)
    const turnedAway = expect.stringMatching(new RegExp(`^node ${node}: NodeAffinity: `))
    const refused = { ref, epoch: 1, state: 'exited', exit: { turnedAway, requested: false } }
    expect(await found(game)).toMatchObject(refused)
    expect(await under.host.start(spec(game))).toMatchObject(refused)
    const next = spec(game, { epoch: 2, podTemplate: undefined })
    expect(await under.host.start(next)).toMatchObject({ epoch: 2, state: 'running' })
  })

  it('is replaced by one that finds some', async () => {
    const game = under.aGame()
    await under.host.start(spec(game))
    const next = spec(game, { epoch: 2, podTemplate: undefined })
    expect(await under.host.start(next)).toMatchObject({ epoch: 2, state: 'running' })
  })

  it.each(['stop', 'remove'] as const)('is gone after a %s', async (end) => {
    const game = under.aGame()
    await under.host.start(spec(game))
    await (end === 'stop' ? under.host.stop(game, { graceMs: 1000 }) : under.host.remove(game))
    expect(await pods(game)).toBe('')
    expect((await found(game))?.state ?? 'exited').toBe('exited')
  })
})

describe('a start that is given up', () => {
  let under: PodsUnderTest
  beforeAll(async () => {
    under = await podsUnderTest()
  })
  afterAll(() => under.dispose())

  it.each([0, 100, 300])('after %i ms is gone on with by the next, or taken back', async (afterMs) => {
    const [resources, storage] = [{ requests: {}, limits: {} }, {}]
    const spec: EngineSpec = {
      game: under.aGame(),
      image: under.images.counting,
      epoch: 1,
      env: [],
      resources,
      storage,
    }
    const first = under.host.start(spec, AbortSignal.timeout(afterMs))
    // A node that is quick has started it by then.
    const given = await first.catch((error: unknown) => error)
    expect(given).toMatchObject(given instanceof Error ? { failure: 'HostUnavailable' } : { state: 'running' })
    expect(await under.host.start(spec)).toMatchObject({ epoch: 1, state: 'running' })
    await expect.poll(() => under.readState(spec.game, 'starts'), deadline).toBe('started\n')
    await under.host.remove(spec.game)
    expect(await under.host.find(spec.game)).toEqual([])
  })
})
