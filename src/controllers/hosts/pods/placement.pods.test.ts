import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PodsUnderTest, podsUnderTest } from './cluster-under-test.ts'

const taint = 'galaxy.dev/games-only'

describe('an image for games whose nodes are for them alone', () => {
  let under: PodsUnderTest
  let node: string
  beforeAll(async () => {
    under = await podsUnderTest()
    node = (await under.kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}')).trim()
    await under.kubectl('taint', 'node', node, `${taint}=yes:NoSchedule`)
  })
  afterAll(async () => {
    await under.kubectl('taint', 'node', node, `${taint}-`)
    await under.dispose()
  })

  it('is fetched there', async () => {
    const { namespace } = under
    const placement = {
      nodeSelector: { 'kubernetes.io/hostname': node },
      tolerations: [{ key: taint, operator: 'Exists' }],
    }
    const access = { namespace, secrets: [], placement }
    const pulled = await under.host.pull(under.images.idle, AbortSignal.timeout(40_000), access)
    expect(pulled).toEqual({ imageDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) })
  })
})
