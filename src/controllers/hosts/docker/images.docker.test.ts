import { copyFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Log, silentLog } from '../../../platform/log.ts'
import { createDockerHost, type DockerHost } from './host.ts'
import { openTestDaemon, type TestDaemon, testImages, testInstance } from './test-daemon.ts'
import { openTestRegistry, type TestRegistry } from './test-registry.ts'

const megabyte = 1_000_000

let daemon: TestDaemon
let host: DockerHost
let registry: TestRegistry
const soon = () => AbortSignal.timeout(20_000)
const pulled: string[] = []

async function open(credentials?: string, options: { pullIdleMs?: number; log?: Log } = {}): Promise<DockerHost> {
  return createDockerHost({ socket: daemon.socket, instance: testInstance, log: silentLog, credentials, ...options })
}

async function push(repository: string, bytes?: number): Promise<string> {
  const image = await registry.push(repository, bytes)
  pulled.push(image)
  return image
}

beforeAll(async () => {
  daemon = await openTestDaemon()
  registry = await openTestRegistry(daemon.docker)
  host = await open(await registry.configuration())
})
afterAll(async () => {
  for (const image of pulled)
    await daemon.docker
      .getImage(image)
      .remove()
      .catch(() => undefined)
  await host[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
})

describe('an image', () => {
  it('that is here is not asked for again', async () => {
    const image = await push('kept')
    const pulled = await host.pull(image, soon())
    expect(pulled).toEqual({ imageDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) })
    registry.hold(0)
    expect(await host.pull(image, soon())).toEqual(pulled)
    registry.release()
  })

  it('that came from no registry is pinned by what it is', async () => {
    const { Id } = await daemon.docker.getImage(testImages.idle).inspect()
    expect(await host.pull(testImages.idle, soon())).toEqual({ imageDigest: Id })
  })

  it('that its registry does not have is told with its name, in the words of the daemon', async () => {
    await expect(host.pull(registry.nameOf('nothing'), soon())).rejects.toMatchObject({
      failure: 'ImageUnavailable',
      message: expect.stringMatching(/^image \S+\/nothing\S* cannot be pulled from \S+: .*manifest.*; check its name/),
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

describe('a private registry', () => {
  it('hands out nothing without a password, or for a wrong one, and that one is told to nobody', async () => {
    const image = await push('private')
    for (const credentials of [undefined, await registry.configuration('wrong-password')]) {
      await using stranger = await open(credentials)
      const refused: unknown = await stranger.pull(image, soon()).catch((error: unknown) => error)
      expect(refused).toMatchObject({
        failure: 'ImageUnavailable',
        message: expect.stringMatching(/no basic auth|unauthorized/),
      })
      expect(JSON.stringify([refused, String(refused)])).not.toContain('wrong-password')
    }
    expect(await host.pull(image, soon())).toMatchObject({ imageDigest: expect.stringContaining('sha256:') })
  })

  it('takes a password from the time on when it stands in the configuration', async () => {
    const image = await push('later')
    const path = await registry.configuration('wrong-password')
    await using later = await open(path)
    await expect(later.pull(image, soon())).rejects.toMatchObject({ failure: 'ImageUnavailable' })
    await writeFile(path, '{ torn')
    await expect(later.pull(image, soon())).rejects.toThrow('is no Docker configuration')
    await copyFile(await registry.configuration(), path)
    expect(await later.pull(image, soon())).toMatchObject({ imageDigest: expect.stringContaining('sha256:') })
  })
})

describe('a registry that fails in the middle of an image', () => {
  it('by falling silent is given up, and the image can be had later', async () => {
    const image = await push('silent', 8 * megabyte)
    await using impatient = await open(await registry.configuration(), { pullIdleMs: 1000 })
    registry.hold(megabyte)
    const late = soon()
    await expect(impatient.pull(image, late)).rejects.toMatchObject({
      failure: 'ImageUnavailable',
      message: expect.stringContaining(`pulling ${image} has not got on for 1 s: `),
    })
    expect(late.aborted).toBe(false)
    registry.release()
    const pulled = await host.pull(image, AbortSignal.timeout(50_000))
    expect(pulled).toMatchObject({ imageDigest: expect.stringContaining('sha256:') })
  })

  it('is left alone at once when the platform ends', async () => {
    const image = await push('interrupted', 8 * megabyte)
    registry.hold(megabyte)
    await expect(host.pull(image, AbortSignal.timeout(500))).rejects.toMatchObject({ name: 'HostError' })
    registry.release()
  })

  it('by going away is given up, too, and then told of in the words of the daemon', async () => {
    const image = await push('dying', 8 * megabyte)
    registry.hold(megabyte)
    await using impatient = await open(await registry.configuration(), { pullIdleMs: 2000 })
    const pulling = impatient.pull(image, soon())
    setTimeout(() => void registry.die(), 300)
    await expect(pulling).rejects.toMatchObject({
      failure: 'ImageUnavailable',
      message: expect.stringMatching(/has not got on for 2 s: Retrying in \d seconds?/),
    })
    await expect(impatient.pull(image, soon())).rejects.toMatchObject({
      failure: 'ImageUnavailable',
      message: expect.stringContaining('connection refused'),
    })
  })
})
