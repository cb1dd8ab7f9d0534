import { resolve } from 'node:path'
import Docker from 'dockerode'
import { controllerEnvironment } from '../../src/standalone/environments.ts'
import { layoutOf } from '../../src/standalone/layout.ts'
import { type Ran, runKubectl } from '../conformance/kubectl.ts'
import { openGames } from '../support/games.ts'
import { type Platform, type PlatformOptions, startPlatform } from '../support/platform.ts'

/** A real `galaxy up --runtime docker` on the daemon of `make e2e`. */
export type DockerPlatform = AsyncDisposable & {
  platform: Platform
  games: ReturnType<typeof openGames>
  kubectl: (args: readonly string[], stdin?: string) => Promise<Ran>
  /** By what its containers are known among those of other platforms. */
  instance: string
}

/** @throws Error when `make e2e` did not say where the daemon is */
export function openDocker(): Docker {
  return new Docker({ socketPath: daemonSocket() })
}

export function daemonSocket(): string {
  const socket = process.env['GALAXY_E2E_DOCKER']
  if (!socket) throw new Error('GALAXY_E2E_DOCKER is not set: run make e2e')
  return socket
}

export const containerOf = (game: string) => `galaxy-game-${game}`

/** Disposed of, it ends, and what it has left in Docker is removed, unless its folder is to be kept. */
export async function startDockerPlatform({ env, ...options }: PlatformOptions = {}): Promise<DockerPlatform> {
  await using stack = new AsyncDisposableStack()
  const settings = { CONTROLLER_DOCKER_SOCKET: daemonSocket(), CONTROLLER_HEALTH_CHECK_INTERVAL: '500ms', ...env }
  const platform = await startPlatform({ ...options, args: ['--runtime', 'docker'], env: settings })
  const instance = instanceOf(platform.dir)
  if (options.dir === undefined) stack.defer(() => clear(instance))
  stack.use(platform)
  const games = stack.use(openGames(platform.kubeconfig))
  await games.informer.synced()
  const made = stack.move()
  return {
    platform,
    games,
    instance,
    kubectl: (args, stdin) => runKubectl(['--kubeconfig', platform.kubeconfig, ...args], { stdin }),
    [Symbol.asyncDispose]: () => made.disposeAsync(),
  }
}

export function instanceOf(dir: string): string {
  const nowhere = { host: '127.0.0.1', port: 0 }
  const environment = controllerEnvironment(layoutOf(resolve(dir)), { http: nowhere, metrics: nowhere })
  return environment['CONTROLLER_DOCKER_INSTANCE'] ?? ''
}

/** Removes what a platform has left in Docker. */
export async function clear(instance: string): Promise<void> {
  const docker = openDocker()
  const filters = { label: [`galaxy.dev/instance=${instance}`] }
  for (const { Id } of await docker.listContainers({ all: true, filters }))
    await docker.getContainer(Id).remove({ force: true })
  for (const { Name } of (await docker.listVolumes({ filters })).Volumes) await docker.getVolume(Name).remove()
}
