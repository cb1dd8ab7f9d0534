import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../../platform/log.ts'
import type { EngineSpec, GameRef } from '../port.ts'
import { createDockerHost, type DockerHost } from './host.ts'
import { containerOptions } from './container.ts'
import { containerName, gameLabels, volumeName } from './names.ts'
import { openTestDaemon, type TestDaemon, testImages } from './test-daemon.ts'

const game: GameRef = { namespace: 'default', name: 'neighbour-x', uid: 'uid-neighbour-x' }
const namesake: GameRef = { ...game, uid: 'uid-neighbour-namesake' }
const network = 'galaxy-e2e-neighbours'

let daemon: TestDaemon
let ours: DockerHost
let theirs: DockerHost
const open = (instance: string, on?: string) =>
  createDockerHost({ socket: daemon.socket, instance, network: on, log: silentLog })

function spec(of: GameRef, epoch = 1): EngineSpec {
  return { game: of, image: testImages.idle, epoch, env: [], resources: { requests: {}, limits: {} }, storage: {} }
}

async function listed(host: DockerHost) {
  return (await host.list()).map(({ game: { uid } }) => uid).filter((uid) => uid.startsWith('uid-'))
}

beforeAll(async () => {
  daemon = await openTestDaemon()
})
beforeEach(async () => {
  ours = await open('ours')
  theirs = await open('theirs')
})
afterEach(async () => {
  await ours[Symbol.asyncDispose]()
  await theirs[Symbol.asyncDispose]()
  await daemon.clear()
})
afterAll(() => daemon.clear())

describe('an engine of another platform on the daemon', () => {
  it('is not listed, and not ended with all of ours', async () => {
    await theirs.start(spec(game))
    const mine = { ...game, name: 'neighbour-y', uid: 'uid-neighbour-y' }
    await ours.start(spec(mine))
    expect([await listed(ours), await listed(theirs)]).toEqual([[mine.uid], [game.uid]])
    await ours.stopAll({ graceMs: 1000 })
    expect(await ours.find(mine)).toMatchObject([{ state: 'exited' }])
    expect(await theirs.find(game)).toMatchObject([{ state: 'running' }])
  })

  it.each(['running', 'exited'])(
    'keeps its container while it is %s, and whoever wants the name is told',
    async (state) => {
      await theirs.start(spec(game))
      if (state === 'exited') await theirs.stop(game, { graceMs: 1000 })
      await expect(ours.start(spec(namesake))).rejects.toMatchObject({
        failure: 'StartFailed',
        message: `there is a container ${containerName(game)} of the platform theirs: remove it, or give the Game another name`,
      })
      await ours.remove(namesake)
      expect(await theirs.find(game)).toMatchObject([{ state }])
    },
  )

  it('is taken over where it runs our very game: its platform has moved', async () => {
    const started = await theirs.start(spec(game))
    expect(await ours.find(game)).toEqual([started])
    await ours.stop(game, { graceMs: 1000 })
    expect(await ours.start(spec(game, 2))).toMatchObject({ state: 'running', epoch: 2 })
    expect(await listed(ours)).toEqual([game.uid])
  })

  it('is started where it was made for our very game, and its platform died before that', async () => {
    await daemon.docker.createVolume({ Name: volumeName(game), Labels: gameLabels(game, 'theirs') })
    const made = containerOptions(spec(game), { network: undefined, instance: 'theirs' })
    const { id } = await daemon.docker.createContainer(made)
    const started = await ours.start(spec(game))
    expect(started).toMatchObject({ state: 'running', ref: expect.stringContaining(id.slice(0, 12)) })
  })
})

describe('an engine that tells no platform', () => {
  it('is anybody’s: it is listed, so that it is removed once nobody knows its game', async () => {
    const byHand = { 'galaxy.backend': '1', 'galaxy.game-uid': game.uid }
    await daemon.docker.createContainer({ name: containerName(game), Image: testImages.idle, Labels: byHand })
    expect([await listed(ours), await listed(theirs)]).toEqual([[game.uid], [game.uid]])
    expect((await ours.list()).find(({ game: { uid } }) => uid === game.uid)?.game).toEqual(game)
    await ours.remove(game)
    expect(await listed(theirs)).toEqual([])
  })
})

describe('the network of engines', () => {
  it('that is removed keeps new ones from starting until it is there again', async () => {
    const made = await daemon.docker.createNetwork({ Name: network })
    await using host = await open('ours', network)
    await host.start(spec(game))
    await host.stop(game, { graceMs: 1000 })
    await made.remove()
    await expect(host.start(spec(game, 2))).rejects.toMatchObject({
      failure: 'StartFailed',
      message: expect.stringContaining(network),
    })
    const again = await daemon.docker.createNetwork({ Name: network })
    expect(await host.start(spec(game, 2))).toMatchObject({ state: 'running', epoch: 2 })
    await host.remove(game)
    await again.remove()
  })

  it('that is taken from a running engine by force makes it no other engine', async () => {
    const made = await daemon.docker.createNetwork({ Name: network })
    await using host = await open('ours', network)
    const started = await host.start(spec(game))
    await made.disconnect({ Container: containerName(game), Force: true })
    await made.remove()
    expect(await host.find(game)).toEqual([started])
    await host.remove(game)
    expect(await host.find(game)).toEqual([])
  })
})
