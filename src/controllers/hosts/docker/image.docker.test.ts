import { Agent } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEngineClient } from '../../../engine-contract/index.ts'
import { silentLog } from '../../../platform/log.ts'
import type { EngineSpec } from '../port.ts'
import { containerOptions } from './container.ts'
import { containerName } from './names.ts'
import { createDockerHost, type DockerHost } from './host.ts'
import { openTestDaemon, type TestDaemon, testInstance } from './test-daemon.ts'

const image = process.env['GALAXY_E2E_IMAGE'] ?? 'galaxy-engine:1.0.0'
const game = { namespace: 'default', name: 'image-x', uid: 'uid-image-x' }
const spec: EngineSpec = {
  game,
  image,
  epoch: 1,
  env: [],
  resources: { requests: {}, limits: { memory: '256Mi' } },
  storage: {},
}
const gameId = game.uid
const players = ['Terrans', 'Zorg'].map((raceName) => ({ userId: raceName.toLowerCase(), raceName }))

let daemon: TestDaemon
let host: DockerHost
const dispatcher = new Agent()
const engines = createEngineClient({ dispatcher })
const within = { timeoutMs: 5000 }

beforeAll(async () => {
  daemon = await openTestDaemon()
  await daemon.docker
    .getImage(image)
    .inspect()
    .catch(() => {
      throw new Error(`there is no image ${image}: make it by scripts/image/build.sh`)
    })
  host = await createDockerHost({ socket: daemon.socket, instance: testInstance, log: silentLog })
})
afterAll(async () => {
  await dispatcher.destroy()
  await host[Symbol.asyncDispose]()
  await daemon.clear()
})

async function healthy(epoch: number) {
  const { endpoint = '' } = await host.start({ ...spec, epoch })
  const engine = { endpoint, epoch, gameId }
  await expect.poll(() => engines.healthz(engine, within).catch(() => undefined), { timeout: 30_000 }).toBeDefined()
  return engine
}

describe("the product's image", () => {
  it('runs as an engine that plays on where the one before it ended', async () => {
    const first = await healthy(1)
    await engines.init(first, { gameId, players, settings: { seed: 1 } }, within)
    await engines.turn(first, 1, within)
    await host.stop(game, { graceMs: 10_000 })
    expect(await host.find(game)).toMatchObject([{ exit: { code: 0, requested: true } }])
    const second = await healthy(2)
    expect(await engines.status(second, within)).toMatchObject({ initialized: true, turn: 1 })
  })

  it('stops itself before it writes, once a later engine has its volume', async () => {
    const fenced = { ...spec, game: { ...game, name: 'image-fenced', uid: 'uid-image-fenced' } }
    const { endpoint = '' } = await host.start(fenced)
    const first = { endpoint, epoch: 1, gameId }
    await expect.poll(() => engines.healthz(first, within).catch(() => undefined), { timeout: 30_000 }).toBeDefined()
    await engines.init(first, { gameId, players, settings: { seed: 1 } }, within)
    const second = containerOptions({ ...fenced, epoch: 2 }, { network: undefined, instance: testInstance })
    const later = await daemon.docker.createContainer({ ...second, name: 'galaxy-test-fencing' })
    await later.start()
    const [published] = (await later.inspect()).NetworkSettings.Ports['8080/tcp'] ?? []
    const next = { endpoint: `http://127.0.0.1:${published?.HostPort}`, epoch: 2, gameId }
    await expect.poll(() => engines.healthz(next, within).catch(() => undefined), { timeout: 30_000 }).toBeDefined()
    await engines.turn(next, 1, within)
    await expect(engines.turn(first, 2, within)).rejects.toMatchObject({ name: 'EngineError' })
    await expect
      .poll(() => host.find(fenced.game))
      .toContainEqual(expect.objectContaining({ epoch: 1, state: 'exited' }))
    expect(await engines.status(next, within)).toMatchObject({ turn: 1 })
    await engines.turn(next, 2, within)
    await later.remove({ force: true })
  })

  it('has a health check that asks the process it runs', async () => {
    const check = ['node', '/app/scripts/image/healthcheck.ts']
    expect((await daemon.docker.getImage(image).inspect()).Config.Healthcheck?.Test).toEqual(['CMD', ...check])
    expect(await exitCode(check)).toBe(0)
    expect(await exitCode(['sh', '-c', `GALAXY_ENGINE_PORT=1 ${check.join(' ')}`])).toBe(1)
  })

  it('belongs to nobody by itself, and says what it is', async () => {
    const { Config } = await daemon.docker.getImage(image).inspect()
    expect(Config.User).toBe('65532:65532')
    expect(Config.Labels).toMatchObject({ 'org.opencontainers.image.title': 'galaxy' })
  })
})

async function exitCode(command: string[]): Promise<number | null> {
  const exec = await daemon.docker.getContainer(containerName(game)).exec({ Cmd: command })
  await exec.start({})
  await expect.poll(async () => (await exec.inspect()).Running, { timeout: 20_000 }).toBe(false)
  return (await exec.inspect()).ExitCode
}
