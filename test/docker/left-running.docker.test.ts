import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openRelay } from '../../src/controllers/hosts/docker/test-relay.ts'
import { isReady } from '../support/games.ts'
import { clear, containerOf, daemonSocket, instanceOf, openDocker, startDockerPlatform } from './docker-platform.ts'

const cleanUp = new AsyncDisposableStack()
afterAll(() => cleanUp.disposeAsync())

it('a platform that cannot end its engines ends with code 1, and says that they may still run', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-left-running-'))
  cleanUp.defer(() => rm(dir, { recursive: true, force: true }))
  const relay = cleanUp.use(await openRelay(join(dir, 'docker.sock'), daemonSocket()))
  const data = join(dir, 'data')
  const on = await startDockerPlatform({ dir: data, env: { CONTROLLER_DOCKER_SOCKET: relay.socket } })
  cleanUp.defer(() => clear(instanceOf(data)))
  cleanUp.use(on)
  await on.games.create('left')
  await on.games.until('left', isReady, 60_000)
  await relay.takeAway()
  const ended = once(on.platform.child, 'exit')
  on.platform.child.kill('SIGINT')
  expect((await ended)[0]).toBe(1)
  expect(on.platform.output()).toContain('galaxy: stopping the controller: engines may still run')
  expect((await openDocker().getContainer(containerOf('left')).inspect()).State.Running).toBe(true)
})
