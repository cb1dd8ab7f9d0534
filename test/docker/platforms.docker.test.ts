import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findCondition } from '../../src/platform/kubernetes/conditions.ts'
import { openRelay } from '../../src/controllers/hosts/docker/test-relay.ts'
import { endProcess } from '../support/controller.ts'
import { inDefault, isReady } from '../support/games.ts'
import {
  clear,
  containerOf,
  daemonSocket,
  type DockerPlatform,
  instanceOf,
  openDocker,
  startDockerPlatform,
} from './docker-platform.ts'

const docker = openDocker()
const everySecond = { turns: { schedule: '* * * * * *' } }
const stateOf = async (game: string) => (await docker.getContainer(containerOf(game)).inspect()).State

describe('a data directory with engines in Docker', () => {
  let dir = ''
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'galaxy-docker-'))
  })
  afterAll(async () => {
    await clear(instanceOf(dir))
    await rm(dir, { recursive: true, force: true })
  })

  /** Each finds the directory as the one before has left it. */
  it('that is killed with its engines running finds them again, and restarts none', async () => {
    const before = await startDockerPlatform({ dir })
    await before.games.create('kept', everySecond)
    const game = await before.games.until('kept', ({ status }) => (status.turn?.number ?? 0) >= 2)
    const { StartedAt } = await stateOf('kept')
    await endProcess(before.platform.child, 'SIGKILL')
    await before[Symbol.asyncDispose]()
    await using after = await startDockerPlatform({ dir })
    const turn = game.status.turn?.number ?? 0
    const { status } = await after.games.until('kept', (each) => (each.status.turn?.number ?? 0) > turn + 1)
    expect(status.engine).toMatchObject({ ref: game.status.engine?.ref, epoch: 1, restarts: 0 })
    expect(await stateOf('kept')).toMatchObject({ Running: true, StartedAt })
  })

  it('ends its engines when it is told to, by themselves and without a failure', async () => {
    expect(await stateOf('kept')).toMatchObject({ Running: false, ExitCode: 0 })
  })

  it('goes on where it was, and ends although the daemon is away, as a failure: its engines run on', async () => {
    await using relay = await openRelay(join(dir, 'docker.sock'), daemonSocket())
    await using again = await startDockerPlatform({ dir, env: { CONTROLLER_DOCKER_SOCKET: relay.socket } })
    const game = await again.games.until('kept', (each) => isReady(each) && (each.status.engine?.epoch ?? 0) > 1)
    expect(game.status.engine).toMatchObject({ restarts: 0, failures: 0 })
    await again.games.until('kept', (each) => (each.status.turn?.number ?? 0) > (game.status.turn?.number ?? 0))
    await relay.takeAway()
    await endProcess(again.platform.child, 'SIGTERM')
    expect(again.platform.child.exitCode).toBe(1)
    expect(await stateOf('kept')).toMatchObject({ Running: true })
  })
})

describe('two platforms on one daemon', () => {
  let one: DockerPlatform
  let other: DockerPlatform
  beforeAll(async () => {
    one = await startDockerPlatform({ env: { CONTROLLER_ORPHAN_GRACE: '1s' } })
    other = await startDockerPlatform({ env: { CONTROLLER_ORPHAN_GRACE: '1s' } })
  })
  afterAll(async () => {
    await other?.[Symbol.asyncDispose]()
    await one?.[Symbol.asyncDispose]()
  })

  it('leave the engines of each other alone, and remove what nobody knows of their own', async () => {
    await one.games.create('ours')
    await other.games.create('theirs')
    await one.games.until('ours', isReady)
    await other.games.until('theirs', isReady)
    const [ours, theirs] = [await stateOf('ours'), await stateOf('theirs')]
    const stray = (instance: string) => ({
      name: containerOf(`stray-${instance}`),
      Image: 'galaxy-engine:1.0.0',
      Labels: { 'galaxy.backend': '1', 'galaxy.game-uid': instance, 'galaxy.dev/instance': instance },
    })
    const foreign = await docker.createContainer(stray('somebody'))
    const strays = await Promise.all([one, other].map(({ instance }) => docker.createContainer(stray(instance))))
    const left = () =>
      Promise.all(
        strays.map((each) =>
          each.inspect().then(
            () => true,
            () => false,
          ),
        ),
      )
    await expect.poll(left, { timeout: 30_000 }).toEqual([false, false])
    expect((await foreign.inspect()).State.Status).toBe('created')
    await foreign.remove()
    expect(await stateOf('ours')).toMatchObject({ Running: true, StartedAt: ours.StartedAt })
    expect(await stateOf('theirs')).toMatchObject({ Running: true, StartedAt: theirs.StartedAt })
  })

  it('cannot run two games of one name: the second says whose the container is, until that is gone', async () => {
    await other.games.create('ours')
    const told = await other.games.until('ours', ({ status }) => condition(status) === 'StartFailed')
    const message = findCondition(told.status.conditions ?? [], 'Degraded')?.message
    expect(message).toContain(`there is a container ${containerOf('ours')} of the platform ${one.instance}`)
    const { status } = await one.games.until('ours', isReady)
    expect(status.engine).toMatchObject({ restarts: 0, epoch: 1 })
    await one.games.client.remove(inDefault('ours'))
    await one.games.gone('ours')
    await other.games.patch('ours', { displayName: 'tried again' })
    await other.games.until('ours', isReady)
  })

  it('end only their own engines', async () => {
    await one.games.create('longer')
    await one.games.until('longer', isReady)
    await endProcess(other.platform.child, 'SIGTERM')
    expect(other.platform.child.exitCode).toBe(0)
    expect(await stateOf('theirs')).toMatchObject({ Running: false })
    expect(await stateOf('longer')).toMatchObject({ Running: true })
  })
})

function condition(status: Parameters<typeof isReady>[0]['status']): string | undefined {
  return findCondition(status.conditions ?? [], 'Degraded')?.reason
}
