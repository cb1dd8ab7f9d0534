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

describe('a Pod that fetches an image', () => {
  let under: PodsUnderTest
  beforeAll(async () => {
    under = await podsUnderTest()
  })
  afterAll(() => under.dispose())

  it('and was forgotten by a controller that died is removed when another image is fetched long after', async () => {
    const { config, namespace } = under
    const view = createView({ config, namespaces: [namespace], log: silentLog })
    const options = { namespace, fieldManager }
    const forgotten = await createResourceClient(config, podKind).create(
      pullPod(under.images.missing, podOptions),
      options,
    )
    const clock = { now: () => new Date(Date.now() + 3_600_000) }
    const pull = createPuller({ config, view, commonNamespace: namespace, podOptions, clock, timeoutMs: 60_000 })
    await view.synced()
    await expect.poll(() => view.pods().length, { timeout: 20_000 }).toBe(1)
    await pull(under.images.idle, AbortSignal.timeout(30_000))
    const left = () =>
      under.kubectl('get', 'pod', forgotten.metadata.name, '-n', namespace, '--ignore-not-found', '-o', 'name')
    await expect.poll(left, { timeout: 20_000 }).toBe('')
    await view[Symbol.asyncDispose]()
  })
})
