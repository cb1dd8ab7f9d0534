import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLog } from '../../../platform/log.ts'
import { createDockerHost, type DockerHost } from './host.ts'
import { openTestDaemon, type TestDaemon, testImages } from './test-daemon.ts'
import { openTestRegistry, type TestRegistry } from './test-registry.ts'

let daemon: TestDaemon
let host: DockerHost
let registry: TestRegistry
const soon = () => AbortSignal.timeout(20_000)

beforeAll(async () => {
  daemon = await openTestDaemon()
  host = await createDockerHost({ socket: daemon.socket, log: silentLog })
  registry = await openTestRegistry()
})
afterAll(async () => {
  await daemon.docker.getImage(registry.image).remove()
  await registry[Symbol.asyncDispose]()
  await host[Symbol.asyncDispose]()
})

describe('an image', () => {
  it('that its registry does not hand out is given up when there is no more time, and can be had later', async () => {
    registry.stall(true)
    await expect(host.pull(registry.image, AbortSignal.timeout(500))).rejects.toMatchObject({ name: 'HostError' })
    registry.stall(false)
    expect(await host.pull(registry.image, soon())).toEqual({ imageDigest: registry.digest })
  })

  it('that is here is not asked for again', async () => {
    registry.stall(true)
    expect(await host.pull(registry.image, soon())).toEqual({ imageDigest: registry.digest })
  })

  it('that came from no registry is pinned by what it is', async () => {
    const { Id } = await daemon.docker.getImage(testImages.idle).inspect()
    expect(await host.pull(testImages.idle, soon())).toEqual({ imageDigest: Id })
  })

  it('that its registry does not have is told of in the words of the daemon', async () => {
    const pulling = host.pull(registry.missing, soon())
    await expect(pulling).rejects.toMatchObject({
      failure: 'ImageUnavailable',
      message: expect.stringContaining('manifest'),
    })
  })

  it.each(['', 'No Name', '../containers/json?', 'a/../b', 'a//b', 'a#b', 'x'.repeat(1000)])(
    'whose name cannot be one (%s) is not asked for',
    async (image) => {
      const refusal = { failure: 'ImageUnavailable', message: expect.stringContaining('cannot be the name') }
      await expect(host.pull(image, soon())).rejects.toMatchObject(refusal)
    },
  )
})
