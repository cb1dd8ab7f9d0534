import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createResourceClient } from '../../../platform/kubernetes/client.ts'
import { silentLog } from '../../../platform/log.ts'
import { type PodsUnderTest, podsUnderTest } from './cluster-under-test.ts'
import { podKind } from './kinds.ts'
import { fieldManager } from './names.ts'
import { podOptions } from './fixtures.ts'
import { pullPod } from './pod-object.ts'
import { createPuller } from './pull.ts'
import { createView } from './view.ts'

const deadline = { timeout: 40_000, interval: 50 }
const soon = () => AbortSignal.timeout(50_000)

describe('a Pod that fetches an image', () => {
  let under: PodsUnderTest
  beforeAll(async () => {
    under = await podsUnderTest()
  })
  afterAll(async () => {
    for (const tag of ['unfetched', 'moved'])
      await under.docker.getImage(`galaxy-test-engine:${tag}-${under.namespace}`).remove()
    await under.dispose()
  })

  it('and was forgotten by a controller that died is removed when another image is fetched long after', async () => {
    const { config, namespace } = under
    const view = createView({ config, namespaces: [namespace], log: silentLog })
    const options = { namespace, fieldManager }
    const forgotten = await createResourceClient(config, podKind).create(
      pullPod(under.images.missing, podOptions),
      options,
    )
    const clock = { now: () => new Date(Date.now() + 3_600_000) }
    const { pull } = createPuller({
      config,
      view,
      commonNamespace: namespace,
      podOptions,
      clock,
      steady: clock,
      timeoutMs: 60_000,
    })
    await view.synced()
    await expect.poll(() => view.pods().length, { timeout: 20_000 }).toBe(1)
    await pull(under.images.idle, AbortSignal.timeout(30_000))
    const left = () =>
      under.kubectl('get', 'pod', forgotten.metadata.name, '-n', namespace, '--ignore-not-found', '-o', 'name')
    await expect.poll(left, { timeout: 20_000 }).toBe('')
    await view[Symbol.asyncDispose]()
  })

  it('and finds no node holds nobody up, is told of, and goes on when a node comes', async () => {
    const image = await tagged('unfetched', under.images.idle)
    const access = { namespace: under.namespace, secrets: [] }
    const node = (await under.kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}')).trim()
    await under.kubectl('cordon', node)
    const unschedulable = expect.stringContaining('nodes are available')
    try {
      const began = performance.now()
      expect(await under.host.pull(image, soon(), access)).toEqual({ unschedulable })
      expect(performance.now() - began).toBeLessThan(15_000)
      expect(under.host.whyUnfetched?.(image, access)).toEqual(unschedulable)
      const again = performance.now()
      expect(await under.host.pull(image, soon(), access)).toEqual({ unschedulable })
      expect(performance.now() - again).toBeLessThan(4000)
    } finally {
      await under.kubectl('uncordon', node)
    }
    await expect.poll(() => under.host.whyUnfetched?.(image, access), deadline).toBeUndefined()
    const imageDigest = expect.stringMatching(/^sha256:/)
    expect(await under.host.pull(image, soon(), access)).toEqual({ imageDigest })
  })

  it('tells what its image was then, and an engine what it runs, when the name was moved in between', async () => {
    const image = await tagged('moved', under.images.idle)
    const before = await under.host.pull(image, soon())
    await tagged('moved', under.images.listening)
    expect(await under.host.pull(image, soon())).toEqual(before)
    const [resources, storage] = [{ requests: {}, limits: {} }, {}]
    const started = await under.host.start({ game: under.aGame(), image, epoch: 1, env: [], resources, storage })
    const { Id } = await under.docker.getImage(under.images.listening).inspect()
    expect(started.imageDigest).toBe(Id)
    expect(before).not.toEqual({ imageDigest: Id })
  })

  const tagged = async (tag: string, of: string) => {
    await under.docker.getImage(of).tag({ repo: 'galaxy-test-engine', tag: `${tag}-${under.namespace}` })
    return `galaxy-test-engine:${tag}-${under.namespace}`
  }
})
