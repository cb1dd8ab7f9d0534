import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Docker from 'dockerode'
import type { GameRef } from '../port.ts'
import { containerName, gameOf, labelFilter, volumeName } from './names.ts'
import { stateFolder } from './container.ts'

const makeImages = fileURLToPath(new URL('../../../../scripts/image/test-engines.sh', import.meta.url))

/** The real daemon that tests run against, and what they do behind a host's back. They end with no engine left. */
export type TestDaemon = {
  socket: string
  docker: Docker
  readState: (game: GameRef, file: string) => Promise<string | undefined>
  kill: (game: GameRef) => Promise<void>
  /** Removes the engines of tests and their data; the daemon may be one that somebody works with. */
  clear: () => Promise<void>
}

/** The platform that the hosts of these tests are. */
export const testInstance = 'tests'

/** Images of the contract suite; what each does is said there. */
export const testImages = {
  idle: 'galaxy-test-engine:idle',
  failing: 'galaxy-test-engine:failing',
  stubborn: 'galaxy-test-engine:stubborn',
  counting: 'galaxy-test-engine:counting',
  environment: 'galaxy-test-engine:environment',
  listening: 'galaxy-test-engine:listening',
  // A registry that refuses at once.
  missing: '127.0.0.1:1/no-such-image:1',
}

/**
 * Connects to the daemon of GALAXY_E2E_DOCKER, makes the images that are missing and removes the engines that an earlier
 * run left behind.
 */
export async function openTestDaemon(): Promise<TestDaemon> {
  const socket = process.env['GALAXY_E2E_DOCKER']
  if (!socket) {
    throw new Error('GALAXY_E2E_DOCKER must be the socket of a Docker daemon: see scripts/cluster/docker.sh')
  }
  const docker = new Docker({ socketPath: socket })
  await docker.ping()
  await promisify(execFile)(makeImages, { env: { ...process.env, DOCKER_HOST: `unix://${socket}` } })
  await clear()
  return { socket, docker, readState, kill, clear }

  async function readState(game: GameRef, file: string): Promise<string | undefined> {
    try {
      const { Mountpoint } = await docker.getVolume(volumeName(game)).inspect()
      return await readFile(join(Mountpoint, stateFolder, file), 'utf8')
    } catch {
      return undefined
    }
  }

  async function kill(game: GameRef): Promise<void> {
    await docker.getContainer(containerName(game)).kill({ signal: 'SIGKILL' })
  }

  async function clear(): Promise<void> {
    const containers = await docker.listContainers({ all: true, filters: labelFilter() })
    const ours = containers.filter(({ Labels }) => isTestGame(Labels))
    await Promise.all(ours.map(({ Id }) => docker.getContainer(Id).remove({ force: true })))
    const { Volumes } = await docker.listVolumes({ filters: labelFilter() })
    const left = Volumes.filter(({ Labels }) => isTestGame(Labels))
    await Promise.all(left.map(({ Name }) => docker.getVolume(Name).remove()))
  }
}

/** A real game's uid is a UUID; those of tests say what they are. */
function isTestGame(given: Readonly<Record<string, string>>): boolean {
  return gameOf(given)?.uid.startsWith('uid-') ?? false
}
